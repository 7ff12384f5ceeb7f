import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from '#src/store/link-state.ts';
import { fieldsInScope, internalInScope } from '#src/store/scope-condition.ts';
import type { SideScopes } from '#src/sync/scope.ts';

/** What a scope would make of the records that there are. */
export type ScopePreview = {
	internal: SideCounts;
	/** Of what scans have seen; nothing before the first one. */
	external: SideCounts;
	/** Links of which a record would be out of scope: they stay, and are synced. Counted up to 10,000. */
	linksOutside: number;
};

/** `examples`: code and name of the first that would be out. */
export type SideCounts = { inside: number; outside: number; examples: string[] };

/** Links are counted up to here: show such a number as "10,000 or more". */
export const linksAtMost = 10_000;
const exampleCount = 3;

/** Counts of one channel and entity under this scope, whatever is saved. */
export async function previewScope(
	db: Db,
	entity: Entity,
	{ channelId, scope }: { channelId: string; scope: SideScopes }
): Promise<ScopePreview> {
	const ours = {
		rows: sql`${sql.identifier(entity.recordTable)} r where true`,
		inside: internalInScope(entity, 'r', scope.internal)
	};
	const theirs = {
		rows: sql`c_channel_record r where r.c_channel_id = ${channelId}::bigint and r.entity = ${entity.name} and r.deleted_at is null`,
		inside: fieldsInScope('r', scope.external)
	};
	const [internal, external, linksOutside] = await Promise.all([
		countSide(db, { ...ours, label: sql`r.value || ' ' || r.name` }),
		countSide(db, {
			...theirs,
			label: sql`concat_ws(' ', coalesce(r.fields ->> 'value', r.external_id), r.fields ->> 'name')`
		}),
		countLinks(db, [
			...(scope.internal ? [linksOf(entity, channelId, 'internal', ours)] : []),
			...(scope.external ? [linksOf(entity, channelId, 'external', theirs)] : [])
		])
	]);
	return { internal, external, linksOutside };
}

type Side = { rows: SQL; inside: SQL };

async function countSide(db: Db, { rows, inside, label }: Side & { label: SQL }): Promise<SideCounts> {
	const [row] = await db.execute<SideCounts>(sql`
		select n.inside, n.outside, array(select ${label} from ${rows} and not ${inside} limit ${exampleCount}) as examples
		from (select (count(*) filter (where ${inside}))::int as inside, (count(*) filter (where not ${inside}))::int as outside from ${rows}) n`);
	return row ?? { inside: 0, outside: 0, examples: [] };
}

/** From the records that are out to their links, each looked up by index. */
function linksOf(entity: Entity, channelId: string, side: 'internal' | 'external', { rows, inside }: Side): SQL {
	const { map, internal, external } = linkTable(entity);
	const pointsTo =
		side === 'internal'
			? sql`m.${internal} = r.id`
			: sql`m.${external} = r.external_id and m.external_variant_id = r.external_variant_id`;
	return sql`
		(select m.id from (select r.* from ${rows} and not ${inside} offset 0) r cross join lateral (
			select m.id from ${map} m where m.c_channel_id = ${channelId}::bigint and ${pointsTo} offset 0
		) m limit ${linksAtMost})`;
}

async function countLinks(db: Db, sides: readonly SQL[]): Promise<number> {
	if (sides.length === 0) return 0;
	const ids = sql.join([...sides], sql` union `);
	const [row] = await db.execute<{ links: number }>(
		sql`select least(count(*), ${linksAtMost})::int as links from (${ids}) l`
	);
	return row?.links ?? 0;
}
