import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { ScopeSide } from '#src/sync/scope.ts';
import { refusal, type Refusal } from './refusal.ts';

export type Pair = { channelId: string; entity: string; internalId: string; externalId: string; variantId: string };

/** One exclusion as a person hears of it. */
export type Exclusion = {
	id: string;
	kind: 'pair' | 'record';
	side: 'internal' | 'external' | null;
	reason: string;
	createdBy: string;
	createdAt: string;
};

/** Exclusions that speak against linking this pair, locked. */
export async function exclusionsOf(tx: Transaction, pair: Pair): Promise<Exclusion[]> {
	const rows = await tx.execute<Exclusion>(sql`
		select id::text as id, kind, case when kind = 'record' then case when internal_id is null then 'external' else 'internal' end end as side,
			reason, created_by as "createdBy", cm_iso(created_at) as "createdAt"
		from c_channel_exclusion
		where c_channel_id = ${pair.channelId}::bigint and entity = ${pair.entity} and (
			(kind = 'record' and internal_id = ${pair.internalId}::bigint)
			or (external_id = ${pair.externalId} and external_variant_id = ${pair.variantId}
				and (kind = 'record' or internal_id = ${pair.internalId}::bigint))
		) order by c_channel_exclusion.id for update`);
	return [...rows];
}

/** What speaks against linking a pair by itself: what people said, and what is out of scope; null where nothing does. */
export function notByItself(exclusions: readonly Exclusion[], outside: readonly ScopeSide[]): Refusal | null {
	if (exclusions.length > 0) {
		const refused = excludedRefusal(exclusions);
		return outside.length === 0 ? refused : { ...refused, message: `${refused.message} ${outsideSaid(outside)}` };
	}
	if (outside.length === 0) return null;
	const hint = 'Link anyway if you are sure: a link that a person made is synced like any other.';
	return refusal('out-of-scope', outsideSaid(outside), hint);
}

function outsideSaid(outside: readonly ScopeSide[]): string {
	const said = { internal: 'Our record is out of scope.', external: "The channel's record is out of scope." };
	return outside.map((side) => said[side]).join(' ');
}

/** Why the pair is not linked without a word: what was said, by whom and when. */
export function excludedRefusal(exclusions: readonly Exclusion[]): Refusal {
	const what = { internal: 'Our record is set aside', external: "The channel's record is set aside" };
	const said = exclusions.map(({ kind, side, reason, createdBy, createdAt }) => {
		const head = kind === 'pair' ? 'These two are not to be linked' : what[side ?? 'internal'];
		return `${head}${reason === '' ? '' : ` (${reason})`}: ${createdBy}, ${createdAt.slice(0, 10)}.`;
	});
	return refusal('excluded', said.join(' '), 'Link anyway if you are sure; that takes the mark away.');
}

/** Takes exclusions away. */
export async function deleteExclusions(tx: Transaction, exclusions: readonly { id: string }[]): Promise<void> {
	if (exclusions.length === 0) return;
	const ids = JSON.stringify(exclusions.map(({ id }) => id));
	await tx.execute(sql`
		delete from c_channel_exclusion where id in (select value::bigint from jsonb_array_elements_text(${ids}::text::jsonb))`);
}

/** Keeps automation away from a pair for ever, and from its records where they are named. What is excluded already stays as it is. */
export async function insertExclusions(
	tx: Transaction,
	pair: Pair,
	input: { pair: boolean; internal: boolean; external: boolean; reason: string; createdBy: string }
): Promise<void> {
	const rows = [
		...(input.pair
			? [{ kind: 'pair', internal: pair.internalId, external: pair.externalId, variant: pair.variantId }]
			: []),
		...(input.internal ? [{ kind: 'record', internal: pair.internalId, external: null, variant: '' }] : []),
		...(input.external ? [{ kind: 'record', internal: null, external: pair.externalId, variant: pair.variantId }] : [])
	];
	await tx.execute(sql`
		insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, external_id, external_variant_id, reason, created_by)
		select ${pair.channelId}::bigint, ${pair.entity}, n.kind, n.internal, n.external, n.variant, ${input.reason}, ${input.createdBy}
		from jsonb_to_recordset(${JSON.stringify(rows.map((row, place) => ({ ...row, place })))}::text::jsonb)
			as n(kind text, internal bigint, external text, variant text, place int)
		where not exists (
			select 1 from c_channel_exclusion x where x.c_channel_id = ${pair.channelId}::bigint and x.entity = ${pair.entity} and x.kind = n.kind
				and x.internal_id = n.internal and x.external_id is not distinct from n.external and x.external_variant_id = n.variant
		) and not exists (
			select 1 from c_channel_exclusion x where x.c_channel_id = ${pair.channelId}::bigint and x.entity = ${pair.entity} and x.kind = n.kind
				and x.internal_id is null and n.internal is null and x.external_id = n.external and x.external_variant_id = n.variant
		) order by n.place`);
}
