import { sql, type SQL } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { attributeValue, fieldValue, idArray, textArray } from '#src/entities/record-store.ts';
import { matchKeysOf } from '#src/sync/match.ts';
import { matchedFields } from '#src/sync/match-evidence.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { externalText, type PairKey } from '#src/sync/pair-key.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import type { SideScopes } from '#src/sync/scope.ts';
import { externalsWithKeys, sharingAtMost, type ExternalKey } from './find-by-keys.ts';
import { linkTable } from './link-state.ts';
import { idsOf, keysOf, readExcludedPairs, readSettings, roundsAtMost, type Candidate } from './read-candidates.ts';
import { fieldsInScope, internalInScope } from './scope-condition.ts';
import { stretchOf } from './stretch.ts';
import { lookingUp, reading } from './transaction.ts';

export type ToMatchInput = {
	channelId: string;
	entity: Entity;
	/** Goes on after this one; null = from the first. */
	after: Candidate | null;
	limit: number;
};

/** A record with the fields that matching looks at, as text. */
export type InternalToMatch = { internalId: string; fields: Fields };
export type ExternalToMatch = { externalId: string; variantId: string; reference: string | null; fields: Fields };

/** As `CandidateSet`, without what only a create needs. */
export type ToMatch = {
	taken: Candidate[];
	complete: boolean;
	internals: InternalToMatch[];
	externals: ExternalToMatch[];
	excludedPairs: PairKey[];
	outside: Candidate[];
	match: ChannelEntityPolicy['match'];
	settingsRev: number;
};

type Scoped = { channelId: string; entity: Entity; scope: SideScopes };
/** What a look-up found free: in scope and out of it. */
type Found<One> = { inside: One[]; outside: One[] };
type ExternalRow = ExternalToMatch & { matchKeys: readonly string[] };

/**
 * The next records that wait, where they are matched by codes and nothing is created: with every free record in scope that
 * shares a match key with them, and those that share one with these, as `readCandidates` has them.
 */
export async function readToMatch(db: Db, given: ToMatchInput): Promise<ToMatch> {
	return reading(db, async (tx) => {
		await lookingUp(tx);
		const { policy, settingsRev } = await readSettings(tx, given);
		const input = { ...given, scope: policy?.scope ?? {} };
		const taken = await readTaken(tx, given);
		const ours = await readInternals(tx, input, idsOf(taken));
		const theirs = await readExternals(tx, input, keysOf(taken));
		const { internals, externals, complete } = await withCounterparts(tx, input, {
			taken,
			ours: ours.inside,
			theirs: theirs.inside
		});
		const excluded = await readExcludedPairs(
			tx,
			input,
			internals.map(({ internalId }) => internalId)
		);
		return {
			taken,
			complete,
			internals,
			externals: externals.map(({ matchKeys: _, ...external }) => external),
			excludedPairs: excluded,
			outside: [
				...ours.outside.map(({ internalId }) => ({ side: 'internal' as const, recordId: internalId, variantId: '' })),
				...theirs.outside.map(({ externalId, variantId }) => ({
					side: 'external' as const,
					recordId: externalId,
					variantId
				}))
			],
			match: policy?.match,
			settingsRev
		};
	});
}

async function readTaken(tx: Transaction, { channelId, entity, after, limit }: ToMatchInput): Promise<Candidate[]> {
	const behind = after
		? sql`(side, record_id, external_variant_id) > (${after.side}::text, ${after.recordId}::text, ${after.variantId}::text)`
		: sql`true`;
	const rows = await tx.execute<Candidate & Record<string, unknown>>(sql`
		select side, record_id as "recordId", external_variant_id as "variantId" from sync_candidate
		where c_channel_id = ${channelId}::bigint and entity = ${entity.name} and ${behind}
		order by side, record_id, external_variant_id limit ${limit}`);
	return [...rows];
}

type Start = { taken: readonly Candidate[]; ours: readonly InternalToMatch[]; theirs: readonly ExternalRow[] };

/** The records of the start, those that share a key with them, and so on. Nobody is read twice, no key is looked up twice. */
async function withCounterparts(tx: Transaction, input: Scoped, start: Start) {
	const internals = [...start.ours];
	const externals = [...start.theirs];
	const isNewOfOurs = firstTime(new Set(idsOf(start.taken)));
	const isNewOfTheirs = firstTime(new Set(keysOf(start.taken).map(keyText)));
	const [isKeyOfTheirs, isKeyOfOurs] = [firstTime(new Set()), firstTime(new Set())];
	let { ours, theirs } = start;
	for (let round = 0; round < roundsAtMost; round++) {
		const keys = ours.flatMap(({ fields }) => matchKeysOf(input.entity.matchKeys, fields)).filter(isKeyOfTheirs);
		const found = await externalsWithKeys(tx, input, keys);
		const fresh = found.filter((key) => isNewOfTheirs(keyText(key)));
		const more = await readExternals(tx, input, inOrder(fresh));
		externals.push(...more.inside);
		const codes = [...theirs, ...more.inside].flatMap(({ matchKeys }) => matchKeys).filter(isKeyOfOurs);
		ours = (await internalsWithKeys(tx, input, codes)).filter(({ internalId }) => isNewOfOurs(internalId));
		if (ours.length === 0) return { internals, externals, complete: true };
		internals.push(...ours);
		theirs = [];
	}
	return { internals, externals, complete: false };
}

const keyText = ({ id, variant }: ExternalKey) => externalText({ externalId: id, variantId: variant });

/** Whether a text comes up for the first time, and is none of these. */
function firstTime(known: Set<string>): (text: string) => boolean {
	return (text) => {
		const before = known.size;
		return known.add(text).size > before;
	};
}

function inOrder(keys: readonly ExternalKey[]): ExternalKey[] {
	const isBefore = (one: ExternalKey, other: ExternalKey) =>
		one.id === other.id ? one.variant < other.variant : one.id < other.id;
	return keys.toSorted((one, other) => (isBefore(one, other) ? -1 : 1));
}

type Row = Readonly<Record<string, Value>>;
const lineEnd = '\n';

/** Records of ours without a link, not set aside and not being created. */
async function readInternals(tx: Transaction, input: Scoped, ids: readonly string[]): Promise<Found<InternalToMatch>> {
	if (ids.length === 0) return { inside: [], outside: [] };
	const found = sql`
		select ${internalColumns(input)}
		from unnest(${idArray(ids)}::bigint[]) as k(id) join ${sql.identifier(input.entity.recordTable)} r on r.id = k.id`;
	return freeInternals(tx, input, found);
}

/** Those in scope that have one of these match keys, looked up key by key; a record that has two of them is there twice. */
async function internalsWithKeys(tx: Transaction, input: Scoped, keys: readonly string[]): Promise<InternalToMatch[]> {
	const { recordTable, matchKeys } = input.entity;
	const lookUps = matchKeys.flatMap((field) => {
		const prefix = `${field}=`;
		const codes = keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
		if (codes.length === 0) return [];
		return sql`
			select f.* from unnest(${textArray(codes)}::text[]) as k(code) cross join lateral (
				select ${internalColumns(input)} from ${sql.identifier(recordTable)} r
				where match_code(r.${sql.identifier(field)}::text) = k.code limit ${sharingAtMost}
			) f`;
	});
	if (lookUps.length === 0) return [];
	return (await freeInternals(tx, input, sql.join(lookUps, sql` union all `))).inside;
}

/** What matching looks at of our record `r`. */
function internalColumns({ entity, scope }: Scoped): SQL {
	const values = matchedColumns(entity).map(
		(field) => sql`(${fieldValue(field, 'r')})::text as ${sql.identifier(column(field.name))}`
	);
	return sql.join([sql`r.id, ${internalInScope(entity, 'r', scope.internal)} as inside`, ...values], sql`, `);
}

/** The fields of ours that matching looks at. */
function matchedColumns({ fields, matchKeys }: Entity) {
	const wanted = matchedFields(matchKeys);
	return fields.filter(({ name }) => wanted.includes(name));
}

async function freeInternals(tx: Transaction, input: Scoped, found: SQL): Promise<Found<InternalToMatch>> {
	const { channelId, entity } = input;
	const { map, internal } = linkTable(entity);
	const rows = await tx.execute<Row>(sql`
		select f.* from (${found}) f
		where not exists (select 1 from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${internal} = f.id)
			and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${channelId}::bigint and x.entity = ${entity.name}
				and x.kind = 'record' and x.internal_id = f.id)
			and not exists (select 1 from sync_intent t where t.c_channel_id = ${channelId}::bigint and t.entity = ${entity.name} and t.internal_id = f.id)
		order by f.id`);
	const wanted = matchedFields(entity.matchKeys);
	const fields = new Map(matchedColumns(entity).map((field) => [field.name, field]));
	return sorted(rows, (row) => ({
		internalId: String(row['id']),
		fields: textsOf(wanted, (name) => {
			const stored = row[column(name)] ?? null;
			const field = fields.get(name);
			return field?.attribute ? (attributeValue(field.type, stored) ?? null) : stored;
		})
	}));
}

/** Records of the channel that are there, without a link and not set aside. */
async function readExternals(
	tx: Transaction,
	input: Scoped,
	keys: readonly ExternalKey[]
): Promise<Found<ExternalRow>> {
	if (keys.length === 0) return { inside: [], outside: [] };
	const { entity } = input;
	const { map, external } = linkTable(entity);
	const wanted = matchedFields(entity.matchKeys);
	const values = wanted.map((name) => sql`r.fields ->> ${name}::text as ${sql.identifier(column(name))}`);
	const columns = [
		sql`r.external_id as "externalId", r.external_variant_id as "variantId", r.reference`,
		// No code has a line end in it.
		sql`${fieldsInScope('r', input.scope.external)} as inside, array_to_string(r.match_keys, ${lineEnd}::text) as "matchKeys"`,
		...values
	];
	const [ids, variants] = [textArray(keys.map(({ id }) => id)), textArray(keys.map(({ variant }) => variant))];
	const table = sql`c_channel_record r`;
	const here = sql`r.c_channel_id = ${input.channelId}::bigint and r.entity = ${entity.name}`;
	const stretch = await stretchOf(tx, { table, column: sql`r.external_id`, here }, ids, keys.length);
	const records = stretch
		? sql`(select * from ${table} where ${here} and r.external_id between ${stretch.first}::text and ${stretch.last}::text offset 0) r`
		: table;
	const rows = await tx.execute<Row>(sql`
		select ${sql.join(columns, sql`, `)}
		from unnest(${ids}::text[], ${variants}::text[]) with ordinality as k(id, variant, place)
		join ${records} on ${here} and r.external_id = k.id and r.external_variant_id = k.variant
		where r.deleted_at is null
			and not exists (select 1 from ${map} m where m.c_channel_id = ${input.channelId}::bigint and m.${external} = k.id and m.external_variant_id = k.variant)
			and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${input.channelId}::bigint and x.entity = ${entity.name}
				and x.kind = 'record' and x.external_id = k.id and x.external_variant_id = k.variant)
		order by k.place`);
	return sorted(rows, (row) => ({
		externalId: String(row['externalId']),
		variantId: String(row['variantId']),
		reference: (row['reference'] ?? null) as string | null,
		matchKeys: String(row['matchKeys']).split(lineEnd).filter(Boolean),
		fields: textsOf(wanted, (name) => row[column(name)] ?? null)
	}));
}

const column = (field: string) => `f_${field}`;

function textsOf(names: readonly string[], valueOf: (name: string) => Value): Fields {
	const texts: Record<string, Value> = {};
	for (const name of names) {
		const value = valueOf(name);
		texts[name] = value === null ? null : String(value);
	}
	return texts;
}

function sorted<One>(rows: readonly Row[], record: (row: Row) => One): Found<One> {
	const found: Found<One> = { inside: [], outside: [] };
	for (const row of rows) (row['inside'] === true ? found.inside : found.outside).push(record(row));
	return found;
}
