import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { idArray } from '#src/entities/record-store.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { ReferenceLinks } from '#src/sync/reference.ts';
import { valueTableOf } from '#src/sync/value-table.ts';
import { linkTable } from './link-state.ts';
import { reading } from './transaction.ts';

/** Records of one entity that fields point to: our ids, and the channel's ("id" or "id/variant"). */
export type WantedReferences = { to: string; internal: readonly string[]; external: readonly string[] };

/** What is linked to what, and how a person calls what is not linked: its code, by raw id. */
export type FoundReferences = ReferenceLinks & {
	codes: { internal: Readonly<Record<string, string>>; external: Readonly<Record<string, string>> };
};

export type FindReferencesInput = { channelId: string; wanted: readonly WantedReferences[] };

/** The links of records that references point to, by entity, each in one query. A primary link comes before others. */
export async function findReferences(
	db: Db,
	input: FindReferencesInput
): Promise<Readonly<Record<string, FoundReferences>>> {
	if (input.wanted.every(({ internal, external }) => internal.length + external.length === 0))
		return Object.fromEntries(input.wanted.flatMap(({ to }) => (isKnown(to) ? [[to, nothingFound] as const] : [])));
	return reading(db, async (tx) => {
		const found: Record<string, FoundReferences> = {};
		for (const wanted of input.wanted) {
			const entity = entityNamed(wanted.to);
			const table = valueTableOf(wanted.to);
			if (table !== null) found[wanted.to] = await findValues(tx, input.channelId, table, wanted);
			if (entity) found[wanted.to] = await findIn(tx, input.channelId, entity, wanted);
		}
		return found;
	});
}

const nothingFound: FoundReferences = { toExternal: {}, toInternal: {}, codes: { internal: {}, external: {} } };

const isKnown = (to: string) => valueTableOf(to) !== null || entityNamed(to) !== undefined;

/** The channel's ids as its records may be kept under: a variant's is part of the reference. */
export function externalKeys(id: string): { id: string; variant: string }[] {
	const slash = id.lastIndexOf('/');
	const whole = { id, variant: '' };
	return slash <= 0 ? [whole] : [whole, { id: id.slice(0, slash), variant: id.slice(slash + 1) }];
}

async function findIn(
	tx: Transaction,
	channelId: string,
	entity: Entity,
	wanted: WantedReferences
): Promise<FoundReferences> {
	const { toExternal, toInternal } = await findLinked(tx, channelId, entity, wanted);
	const ours = wanted.internal.filter((id) => toExternal[id] === undefined);
	const theirs = wanted.external.filter((id) => toInternal[id] === undefined);
	const codes = {
		internal: await ourCodes(tx, entity, ours.filter(isOurs)),
		external: await theirCodes(tx, channelId, entity, theirs)
	};
	return { toExternal, toInternal, codes };
}

const isOurs = (id: string) => /^\d{1,19}$/.test(id);

/** What is linked to what, of these records of one entity. */
export async function findLinked(
	tx: Transaction,
	channelId: string,
	entity: Entity,
	wanted: Pick<WantedReferences, 'internal' | 'external'>
): Promise<ReferenceLinks> {
	const { map, internal, external } = linkTable(entity);
	const ours = wanted.internal.filter(isOurs);
	const keys = JSON.stringify(wanted.external.flatMap(externalKeys));
	const rows = await tx.execute<{ ours: string; theirs: string; primary: boolean }>(sql`
		select m.${internal}::text as ours, cm_reference_id(m.${external}, m.external_variant_id) as theirs, m.is_primary as primary
		from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${internal} = any(${idArray(ours)}::bigint[])
		union
		select m.${internal}::text, cm_reference_id(m.${external}, m.external_variant_id), m.is_primary
		from jsonb_to_recordset(${keys}::text::jsonb) as k(id text, variant text)
		join ${map} m on m.c_channel_id = ${channelId}::bigint and m.${external} = k.id and m.external_variant_id = k.variant
		order by 3, 2`);
	// Later rows win: primary links.
	return {
		toExternal: Object.fromEntries(rows.map((row) => [row.ours, row.theirs])),
		toInternal: Object.fromEntries(rows.map((row) => [row.theirs, row.ours]))
	};
}

/** What values are called on the other side; of several pairs the first. */
async function findValues(
	tx: Transaction,
	channelId: string,
	table: string,
	wanted: WantedReferences
): Promise<FoundReferences> {
	const list = (values: readonly string[]) =>
		sql`(select value from jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb))`;
	const rows = await tx.execute<{ ours: string; theirs: string }>(sql`
		select v.ours, v.theirs from c_channel_value v where v.c_channel_id = ${channelId}::bigint and v.value_table = ${table}
			and (v.ours in ${list(wanted.internal)} or v.theirs in ${list(wanted.external)})
		order by v.id desc`);
	// Later rows win: the first pairs.
	return {
		toExternal: Object.fromEntries(rows.map(({ ours, theirs }) => [ours, theirs])),
		toInternal: Object.fromEntries(rows.map(({ ours, theirs }) => [theirs, ours])),
		codes: { internal: {}, external: {} }
	};
}

async function ourCodes(tx: Transaction, entity: Entity, ids: readonly string[]): Promise<Record<string, string>> {
	if (ids.length === 0) return {};
	const records = await entity.store.read(tx, ids);
	return Object.fromEntries(records.map(({ id, fields }) => [id, String(fields['value'] ?? id)]));
}

async function theirCodes(
	tx: Transaction,
	channelId: string,
	entity: Entity,
	ids: readonly string[]
): Promise<Record<string, string>> {
	if (ids.length === 0) return {};
	const keys = JSON.stringify(ids.flatMap(externalKeys));
	const rows = await tx.execute<{ id: string; code: string }>(sql`
		select cm_reference_id(r.external_id, r.external_variant_id) as id, coalesce(r.fields ->> 'value', r.fields ->> 'name', r.external_id) as code
		from jsonb_to_recordset(${keys}::text::jsonb) as k(id text, variant text)
		join c_channel_record r on r.c_channel_id = ${channelId}::bigint and r.entity = ${entity.name} and r.external_id = k.id and r.external_variant_id = k.variant`);
	return Object.fromEntries(rows.map(({ id, code }) => [id, code]));
}
