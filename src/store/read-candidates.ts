import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity, InternalRecord } from '#src/entities/entity.ts';
import { idArray } from '#src/entities/record-store.ts';
import { matchKeysOf } from '#src/sync/match.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import { inScope, type SideScopes } from '#src/sync/scope.ts';
import { externalsWithKeys } from './find-by-keys.ts';
import type { SeenRecord } from './record-page.ts';
import { linkTable } from './link-state.ts';
import { keysAtChannel, oursWithKeys } from './reference-keys.ts';
import { reading } from './transaction.ts';

export type Candidate = { side: 'internal' | 'external'; recordId: string; variantId: string };

export type CandidateSet = {
	/** What was read from the waiting list; consume these when done. */
	taken: Candidate[];
	/** Every counterpart was read, and theirs: what is found among them holds for all of them. */
	complete: boolean;
	/** Free records of ours: the candidates and possible counterparts. */
	internals: InternalRecord[];
	/** Free records of the channel: the candidates and possible counterparts. */
	externals: SeenRecord[];
	excludedPairs: { internalId: string; externalId: string; variantId: string }[];
	/** What was read from the waiting list and takes no part: out of scope. */
	outside: Candidate[];
	/** Free records out of scope that share a match key with one of the others: what is created beside them would be a duplicate. */
	hidden: { internals: InternalRecord[]; externals: SeenRecord[] };
	/** How records are matched, as it stood when these were read. */
	match: ChannelEntityPolicy['match'];
	/** Revision of the settings that this was read under. */
	settingsRev: number;
};

type Input = { channelId: string; entity: Entity };
type Scoped = Input & { scope: SideScopes };

/**
 * The counterparts of a candidate have counterparts of their own, and so on: who is best for whom is decided over all of them
 * together. A chain that is longer than this is cut.
 */
export const roundsAtMost = 8;

/** The next records to match or create, with every free record in scope that shares a match key with them, on either side. */
export async function readCandidates(db: Db, given: Input & { limit: number }): Promise<CandidateSet> {
	return reading(db, async (tx) => {
		const { policy, settingsRev } = await readSettings(tx, given);
		const input = { ...given, scope: policy?.scope ?? {} };
		const taken = await tx.execute<Candidate & Record<string, unknown>>(sql`
			select side, record_id as "recordId", external_variant_id as "variantId" from sync_candidate
			where c_channel_id = ${input.channelId}::bigint and entity = ${input.entity.name} order by side, record_id, external_variant_id limit ${input.limit}`);
		const seen = { internals: records<InternalRecord>(), externals: records<SeenRecord>() };
		const { internals, externals } = seen;
		await addInternals(tx, input, internals, idsOf(taken));
		await addExternals(tx, input, externals, keysOf(taken));
		const outside = outsideOf(seen);
		internals.hidden.clear();
		externals.hidden.clear();
		const complete = await addCounterparts(tx, input, seen);
		const excludedPairs = await readExcludedPairs(tx, input, [...internals.inside.keys()]);
		return {
			taken: [...taken],
			complete,
			internals: [...internals.inside.values()],
			externals: [...externals.inside.values()],
			excludedPairs,
			outside,
			hidden: { internals: [...internals.hidden.values()], externals: [...externals.hidden.values()] },
			match: policy?.match,
			settingsRev
		};
	});
}

/**
 * The free records that share a key with those known, those that share one with these, and so on. Tells whether there are no
 * more. Keys are looked up once: that of whoever came last, at the end of its map.
 */
async function addCounterparts(
	tx: Transaction,
	input: Scoped,
	{ internals, externals }: { internals: Sorted<InternalRecord>; externals: Sorted<SeenRecord> }
): Promise<boolean> {
	const asked = { internals: 0, externals: 0 };
	for (let round = 0; round < roundsAtMost; round++) {
		const ours = [...internals.inside.values()].slice(asked.internals);
		asked.internals += ours.length;
		await addExternalsByKey(tx, input, externals, ours);
		const theirs = [...externals.inside.values()].slice(asked.externals);
		asked.externals += theirs.length;
		await addInternalsByKey(tx, input, internals, theirs);
		if (internals.inside.size === asked.internals) return true;
	}
	return false;
}

/** Records of one side by their key: in scope and out of it. */
type Sorted<One> = { inside: Map<string, One>; hidden: Map<string, One> };

function records<One>(): Sorted<One> {
	return { inside: new Map(), hidden: new Map() };
}

function outsideOf(seen: { internals: Sorted<InternalRecord>; externals: Sorted<SeenRecord> }): Candidate[] {
	return [
		...[...seen.internals.hidden.values()].map(({ id }) => ({
			side: 'internal' as const,
			recordId: id,
			variantId: ''
		})),
		...[...seen.externals.hidden.values()].map(({ externalId, variantId }) => ({
			side: 'external' as const,
			recordId: externalId,
			variantId
		}))
	];
}

/** The policy of a channel and entity, with its revision. */
export async function readSettings(tx: Transaction, { channelId, entity }: Input) {
	const [row] = await tx.execute<{ policy: ChannelEntityPolicy; settingsRev: number }>(sql`
		select policy, settings_rev as "settingsRev" from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = ${entity.name}`);
	return row ?? { policy: undefined, settingsRev: 0 };
}

/** Ids of our records among them. */
export const idsOf = (taken: readonly Candidate[]) =>
	taken.filter(({ side }) => side === 'internal').map(({ recordId }) => recordId);
/** Keys of the channel's records among them. */
export const keysOf = (taken: readonly Candidate[]) =>
	taken
		.filter(({ side }) => side === 'external')
		.map(({ recordId, variantId }) => ({ id: recordId, variant: variantId }));

async function addInternals(
	tx: Transaction,
	input: Scoped,
	known: Sorted<InternalRecord>,
	wanted: readonly string[]
): Promise<void> {
	const fresh = [...new Set(wanted)].filter((id) => !known.inside.has(id) && !known.hidden.has(id));
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
		(inScope(record.fields, input.scope.internal) ? known.inside : known.hidden).set(record.id, record);
}

const externalKey = (record: { externalId: string; variantId: string }) => `${record.externalId}\n${record.variantId}`;

/** Records of the channel that are there, without a link and not excluded. */
async function addExternals(
	tx: Transaction,
	input: Scoped,
	known: Sorted<SeenRecord>,
	wanted: readonly { id: string; variant: string }[]
): Promise<void> {
	const keyOf = ({ id, variant }: { id: string; variant: string }) =>
		externalKey({ externalId: id, variantId: variant });
	const fresh = wanted.filter((one) => !known.inside.has(keyOf(one)) && !known.hidden.has(keyOf(one)));
	if (fresh.length === 0) return;
	const { map, external } = linkTable(input.entity);
	const rows = await tx.execute<SeenRecord & Record<string, unknown>>(sql`
		select r.external_id as "externalId", r.external_variant_id as "variantId", r.fields, r.version, r.stamp, r.reference, r.url, r.match_keys as "matchKeys"
		from c_channel_record r
		where r.c_channel_id = ${input.channelId}::bigint and r.entity = ${input.entity.name} and r.deleted_at is null
			and (r.external_id, r.external_variant_id) in (
				select k.id, k.variant from jsonb_to_recordset(${JSON.stringify(fresh)}::text::jsonb) as k(id text, variant text))
			and not exists (select 1 from ${map} m where m.c_channel_id = r.c_channel_id and m.${external} = r.external_id and m.external_variant_id = r.external_variant_id)
			and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = r.c_channel_id and x.entity = r.entity
				and x.kind = 'record' and x.external_id = r.external_id and x.external_variant_id = r.external_variant_id)
		order by r.external_id, r.external_variant_id`);
	for (const row of rows)
		(inScope(row.fields, input.scope.external) ? known.inside : known.hidden).set(externalKey(row), row);
}

async function addExternalsByKey(
	tx: Transaction,
	input: Scoped,
	known: Sorted<SeenRecord>,
	internals: readonly InternalRecord[]
) {
	const { keyFields, matchKeys } = input.entity;
	const records = internals.map(({ fields }) => fields);
	const keys = keyFields
		? await keysAtChannel(tx, input, records)
		: [...new Set(records.flatMap((fields) => matchKeysOf(matchKeys, fields)))];
	await addExternals(tx, input, known, await externalsWithKeys(tx, input, keys));
}

async function addInternalsByKey(
	tx: Transaction,
	input: Scoped,
	known: Sorted<InternalRecord>,
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

/** The pairs with these records that are never to be linked. */
export async function readExcludedPairs(tx: Transaction, input: Input, internalIds: readonly string[]) {
	if (internalIds.length === 0) return [];
	const rows = await tx.execute<{ internalId: string; externalId: string; variantId: string }>(sql`
		select internal_id::text as "internalId", external_id as "externalId", external_variant_id as "variantId" from c_channel_exclusion
		where c_channel_id = ${input.channelId}::bigint and entity = ${input.entity.name} and kind = 'pair' and internal_id = any(${idArray(internalIds)}::bigint[]) order by id`);
	return [...rows];
}
