import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { fieldsInScope, internalInScope } from '#src/store/scope-condition.ts';
import { scopeOf } from '#src/store/scope-of.ts';
import type { SideScopes } from '#src/sync/scope.ts';
import { unlinkedCounts } from './unlinked-counts.ts';

/** How one key fares on one side: codes that several records share, and records without one. */
export type KeyHealth = { duplicates: number; missing: number; examples: string[] };

/** What the first comparison found, before anything is linked or written. */
export type PreFlight = {
	/** Records in scope that were looked at, of ours and of the channel. */
	ours: number;
	theirs: number;
	/** Records without a link that are out of scope. */
	oursOutside: number;
	theirsOutside: number;
	linked: number;
	/** Suggestions of which nothing casts a doubt, and those that need a look; each up to 10,000. */
	exact: number;
	toReview: number;
	/** Records that nothing at the other side looks like. */
	oursAlone: number;
	theirsAlone: number;
	/** By key, strongest first. */
	keys: { field: string; ours: KeyHealth; theirs: KeyHealth }[];
};

/** Keys are compared among so many records of each side. */
export const recordsAtMost = 100_000;
const suggestionsAtMost = 10_000;
const exampleCount = 3;

/** Pre-flight of one channel and entity. Reads what scans have seen; asks the channel nothing. */
export async function preFlight(db: Db, entity: Entity, input: { channelId: string }): Promise<PreFlight> {
	const { channelId } = input;
	const scope = await scopeOf(db, channelId, entity.name);
	const [unlinked, [found], keys] = await Promise.all([
		unlinkedCounts(db, { channelId, entity: entity.name, exact: true }),
		db.execute<
			Record<'ours' | 'theirs' | 'linked' | 'exact' | 'toReview' | 'oursMatched' | 'theirsMatched', number>
		>(sql`
			with suggested as (
				select internal_id, external_id, external_variant_id, score = 100 and not ambiguous as exact from c_channel_suggestion
				where c_channel_id = ${channelId}::bigint and entity = ${entity.name} limit ${suggestionsAtMost}
			)
			select (select count(*)::int from (select 1 from ${sql.identifier(entity.recordTable)} r where ${internalInScope(entity, 'r', scope.internal)} limit ${recordsAtMost}) n) as ours,
				(select count(*)::int from (select 1 from c_channel_record r where ${seen(channelId, entity, scope)} limit ${recordsAtMost}) n) as theirs,
				coalesce((select sum(n.links) from sync_link_count n where n.c_channel_id = ${channelId}::bigint and n.entity = ${entity.name}), 0)::int as linked,
				(select count(*)::int from suggested where exact) as exact, (select count(*)::int from suggested where not exact) as "toReview",
				(select count(distinct internal_id)::int from suggested) as "oursMatched",
				(select count(distinct (external_id, external_variant_id))::int from suggested) as "theirsMatched"`),
		Promise.all(
			entity.matchKeys.map(async (field) => ({
				field,
				ours: await keyHealth(db, ourCodes(entity, field, scope)),
				theirs: await keyHealth(db, theirCodes(channelId, entity, field, scope))
			}))
		)
	]);
	const { oursMatched = 0, theirsMatched = 0 } = found ?? {};
	return {
		ours: found?.ours ?? 0,
		theirs: found?.theirs ?? 0,
		oursOutside: unlinked.internalOutside,
		theirsOutside: unlinked.externalOutside,
		linked: found?.linked ?? 0,
		exact: found?.exact ?? 0,
		toReview: found?.toReview ?? 0,
		oursAlone: Math.max(0, unlinked.internal - oursMatched),
		theirsAlone: Math.max(0, unlinked.external - theirsMatched),
		keys
	};
}

const seen = (channelId: string, entity: Entity, scope: SideScopes) =>
	sql`r.c_channel_id = ${channelId}::bigint and r.entity = ${entity.name} and r.deleted_at is null and ${fieldsInScope('r', scope.external)}`;

function ourCodes(entity: Entity, field: string, scope: SideScopes) {
	return sql`select match_code(r.${sql.identifier(field)}) as code from ${sql.identifier(entity.recordTable)} r
		where ${internalInScope(entity, 'r', scope.internal)} limit ${recordsAtMost}`;
}

function theirCodes(channelId: string, entity: Entity, field: string, scope: SideScopes) {
	const prefix = `${field}=`;
	return sql`select (select substr(k, ${prefix.length + 1}::int) from unnest(r.match_keys) k where starts_with(k, ${prefix}) limit 1) as code
		from c_channel_record r where ${seen(channelId, entity, scope)} limit ${recordsAtMost}`;
}

async function keyHealth(db: Db, codes: ReturnType<typeof sql>): Promise<KeyHealth> {
	const [row] = await db.execute<KeyHealth>(sql`
		with codes as (${codes}), shared as (select code, count(*) as records from codes where code is not null group by code having count(*) > 1)
		select (select count(*)::int from shared) as duplicates, (select count(*)::int from codes where code is null) as missing,
			array(select code from shared order by records desc, code limit ${exampleCount}) as examples`);
	return row ?? { duplicates: 0, missing: 0, examples: [] };
}
