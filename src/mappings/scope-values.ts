import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity, EntityField } from '#src/entities/entity.ts';
import { refusal, type Refusal } from '#src/store/refusal.ts';
import {
	isScopeCondition,
	scopeOperatorsOf,
	takesNoValue,
	type Scope,
	type ScopeCondition,
	type ScopeSide
} from '#src/sync/scope.ts';
import { fromCodes, withCodes } from './reference-names.ts';

/** A condition as a person types and reads it: yes or no, what a reference points to by its code. */
export type ConditionText = { field: string; operator: string; value: string };

type At = { entity: Entity; channelId: string; side: ScopeSide };

/** What was typed as it is kept; undefined where there is no condition. Refuses the first that cannot be kept. */
export async function scopeFromTexts(
	db: Db,
	at: At,
	texts: readonly ConditionText[]
): Promise<{ ok: true; scope: Scope | undefined } | Refusal> {
	const scope: ScopeCondition[] = [];
	for (const text of texts) {
		const field = at.entity.fields.find(({ name }) => name === text.field);
		const operator = scopeOperatorsOf(field?.type ?? 'text').find((each) => each === text.operator);
		if (!field || !operator) return unfit(field?.label ?? text.field, 'Choose a comparison that fits this field.');
		const typed = takesNoValue(operator) ? '' : text.value.trim();
		const value = await kept(db, at, field, typed);
		if (value === null)
			return unfit(field.label, `There is no record with the code "${typed}". Enter the code of one.`);
		const condition = { field: field.name, type: field.type, operator, value };
		if (!isScopeCondition(condition)) return unfit(field.label, hintFor(field));
		scope.push(condition);
	}
	return { ok: true, scope: scope.length === 0 ? undefined : scope };
}

/** A scope as a person reads it. */
export async function textsFromScope(db: Db, at: At, scope: Scope = []): Promise<ConditionText[]> {
	return Promise.all(
		scope.map(async ({ field, type, operator, value }) => {
			const shown = type === 'reference' && value !== '' ? await codeOf(db, at, field, value) : value;
			return { field, operator, value: shown };
		})
	);
}

function unfit(label: string, hint: string): Refusal {
	return refusal('invalid', `The condition on ${label} cannot be kept.`, hint, { field: 'scope' });
}

function hintFor({ type }: EntityField): string {
	if (type === 'boolean') return 'Enter yes or no.';
	if (type === 'time') return 'Enter a moment in UTC, such as 2026-11-29T08:00:00Z.';
	return type === 'decimal' ? 'Enter a number, such as 12.50.' : 'Enter what the field is compared with.';
}

const answers: Readonly<Record<string, string>> = { yes: 'true', true: 'true', no: 'false', false: 'false' };

/** The value as it is compared; null where no record has this code. */
async function kept(db: Db, at: At, { name, type, to }: EntityField, typed: string): Promise<string | null> {
	if (type === 'boolean') return answers[typed.toLowerCase()] ?? '';
	if (type !== 'reference' || typed === '') return typed;
	if (at.side === 'internal') {
		const { fields, unknown } = await fromCodes(db, at.entity, { [name]: typed });
		return unknown ? null : String(fields[name]);
	}
	const [row] = await db.execute<{ id: string }>(sql`
		select cm_reference_id(r.external_id, r.external_variant_id) as id from c_channel_record r
		where r.c_channel_id = ${at.channelId}::bigint and r.entity = ${to ?? ''} and r.deleted_at is null
			and (r.fields ->> 'value' = ${typed} or cm_reference_id(r.external_id, r.external_variant_id) = ${typed})
		order by r.external_id limit 1`);
	return row?.id ?? null;
}

async function codeOf(db: Db, at: At, name: string, id: string): Promise<string> {
	if (at.side === 'internal') return String((await withCodes(db, at.entity, { [name]: id }))[name]);
	const to = at.entity.fields.find((field) => field.name === name)?.to ?? '';
	const [row] = await db.execute<{ code: string | null }>(sql`
		select r.fields ->> 'value' as code from c_channel_record r
		where r.c_channel_id = ${at.channelId}::bigint and r.entity = ${to} and cm_reference_id(r.external_id, r.external_variant_id) = ${id}
		limit 1`);
	return row?.code ?? id;
}
