import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity, InternalRecord } from '#src/entities/entity.ts';
import { idArray, textArray } from '#src/entities/record-store.ts';
import { matchKeysOf } from '#src/sync/match.ts';
import type { SeenRecord } from './record-page.ts';
import { linkTable } from './link-state.ts';
import { keysAtChannel, oursWithKeys } from './reference-keys.ts';
import { reading } from './transaction.ts';

export type Candidate = { side: 'internal' | 'external'; recordId: string; variantId: string };

export type CandidateSet = {
	/** What was read from the waiting list; consume these when done. */
	taken: Candidate[];
	/** Free records of ours: the candidates and possible counterparts. */
	internals: InternalRecord[];
	/** Free records of the channel: the candidates and possible counterparts. */
	externals: SeenRecord[];
	excludedPairs: { internalId: string; externalId: string; variantId: string }[];
};

type Input = { channelId: string; entity: Entity };

/**
 * The counterparts of a candidate have counterparts of their own, and so on: who is best for whom is decided over all of them
 * together. A chain that is longer than this is cut.
 */
export const roundsAtMost = 8;

/** The next records to match or create, with every free record that shares a match key with them, on either side. */
export async function readCandidates(db: Db, input: Input & { limit: number }): Promise<CandidateSet> {
	return reading(db, async (tx) => {
		const taken = await tx.execute<Candidate & Record<string, unknown>>(sql`
			select side, record_id as "recordId", external_variant_id as "variantId" from sync_candidate
			where c_channel_id = ${input.channelId}::bigint and entity = ${input.entity.name} order by side, record_id, external_variant_id limit ${input.limit}`);
		const internals = new Map<string, InternalRecord>();
		const externals = new Map<string, SeenRecord>();
		await addInternals(tx, input, internals, ids(taken));
		await addExternals(tx, input, externals, keysOf(taken));
		for (let round = 0; round < roundsAtMost; round++) {
			const known = internals.size + externals.size;
			await addExternalsByKey(tx, input, externals, [...internals.values()]);
			await addInternalsByKey(tx, input, internals, [...externals.values()]);
			if (internals.size + externals.size === known) break;
		}
		const excludedPairs = await readExcludedPairs(tx, input, [...internals.keys()]);
		return { taken: [...taken], internals: [...internals.values()], externals: [...externals.values()], excludedPairs };
	});
}

const ids = (taken: readonly Candidate[]) =>
	taken.filter(({ side }) => side === 'internal').map(({ recordId }) => recordId);
const keysOf = (taken: readonly Candidate[]) =>
	taken
		.filter(({ side }) => side === 'external')
		.map(({ recordId, variantId }) => ({ id: recordId, variant: variantId }));

async function addInternals(
	tx: Transaction,
	input: Input,
	known: Map<string, InternalRecord>,
	wanted: readonly string[]
) {
	const fresh = [...new Set(wanted)].filter((id) => !known.has(id));
	if (fresh.length === 0) return;
	const { map, internal } = linkTable(input.entity);
	const free = await tx.execute<{ id: string }>(sql`
		select i.id::text as id from unnest(${idArray(fresh)}::bigint[]) as i(id)
		where not exists (select 1 from ${map} m where m.c_channel_id = ${input.channelId}::bigint and m.${internal} = i.id)
			and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${input.channelId}::bigint and x.entity = ${input.entity.name}
				and x.kind = 'record' and x.internal_id = i.id)
			and not exists (select 1 from sync_intent t where t.c_channel_id = ${input.channelId}::bigint and t.entity = ${input.entity.name} and t.internal_id = i.id)`);
	for (const record of await input.entity.store.read(
		tx,
		free.map(({ id }) => id)
	))
		known.set(record.id, record);
}

const externalKey = (record: { externalId: string; variantId: string }) => `${record.externalId}\n${record.variantId}`;

/** Records of the channel that are there, without a link and not excluded. */
async function addExternals(
	tx: Transaction,
	input: Input,
	known: Map<string, SeenRecord>,
	keys: readonly { id: string; variant: string }[]
) {
	if (keys.length === 0) return;
	const rows = await selectFree(
		tx,
		input,
		sql`(r.external_id, r.external_variant_id) in (
		select k.id, k.variant from jsonb_to_recordset(${JSON.stringify(keys)}::text::jsonb) as k(id text, variant text))`
	);
	for (const row of rows) known.set(externalKey(row), row);
}

async function addExternalsByKey(
	tx: Transaction,
	input: Input,
	known: Map<string, SeenRecord>,
	internals: readonly InternalRecord[]
) {
	const { keyFields, matchKeys } = input.entity;
	const records = internals.map(({ fields }) => fields);
	const keys = keyFields
		? await keysAtChannel(tx, input, records)
		: [...new Set(records.flatMap((fields) => matchKeysOf(matchKeys, fields)))];
	if (keys.length === 0) return;
	for (const row of await selectFree(tx, input, sql`r.match_keys && ${textArray(keys)}::text[]`))
		known.set(externalKey(row), row);
}

async function selectFree(tx: Transaction, input: Input, condition: ReturnType<typeof sql>): Promise<SeenRecord[]> {
	const { map, external } = linkTable(input.entity);
	const rows = await tx.execute<SeenRecord & Record<string, unknown>>(sql`
		select r.external_id as "externalId", r.external_variant_id as "variantId", r.fields, r.version, r.stamp, r.reference, r.url, r.match_keys as "matchKeys"
		from c_channel_record r
		where r.c_channel_id = ${input.channelId}::bigint and r.entity = ${input.entity.name} and r.deleted_at is null and ${condition}
			and not exists (select 1 from ${map} m where m.c_channel_id = r.c_channel_id and m.${external} = r.external_id and m.external_variant_id = r.external_variant_id)
			and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = r.c_channel_id and x.entity = r.entity
				and x.kind = 'record' and x.external_id = r.external_id and x.external_variant_id = r.external_variant_id)
		order by r.external_id, r.external_variant_id limit 2000`);
	return [...rows];
}

async function addInternalsByKey(
	tx: Transaction,
	input: Input,
	known: Map<string, InternalRecord>,
	externals: readonly SeenRecord[]
) {
	const found: string[] = [];
	if (input.entity.keyFields) {
		const records = externals.map(({ fields }) => fields);
		return addInternals(tx, input, known, await oursWithKeys(tx, input, records));
	}
	for (const field of input.entity.matchKeys) {
		const prefix = `${field}=`;
		const codes = externals.flatMap(({ matchKeys }) =>
			matchKeys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
		);
		for (const { id } of await input.entity.store.findByCode(tx, field, [...new Set(codes)])) found.push(id);
	}
	await addInternals(tx, input, known, found);
}

async function readExcludedPairs(tx: Transaction, input: Input, internalIds: readonly string[]) {
	if (internalIds.length === 0) return [];
	const rows = await tx.execute<{ internalId: string; externalId: string; variantId: string }>(sql`
		select internal_id::text as "internalId", external_id as "externalId", external_variant_id as "variantId" from c_channel_exclusion
		where c_channel_id = ${input.channelId}::bigint and entity = ${input.entity.name} and kind = 'pair' and internal_id = any(${idArray(internalIds)}::bigint[]) order by id`);
	return [...rows];
}
