import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { textArray } from '#src/entities/record-store.ts';
import { entities } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import { matchCode } from '#src/sync/match-code.ts';
import type { LinkStatus } from '#src/sync/outcome.ts';
import { isId } from './identifier.ts';
import { recordText, searchWords } from '#src/store/search-text.ts';
import { searchedPage } from './searched-page.ts';

export type FoundRecord = { entity: string; id: string; value: string; name: string; isActive: boolean };
export type FoundLink = {
	entity: string;
	id: string;
	channelId: string;
	channelName: string;
	internalId: string;
	value: string | null;
	name: string | null;
	externalId: string;
	variantId: string;
	status: LinkStatus;
};
export type FoundExternal = {
	entity: string;
	channelId: string;
	channelName: string;
	externalId: string;
	variantId: string;
	value: string | null;
	name: string | null;
	url: string | null;
	/** Its link, null without one. */
	linkId: string | null;
};
export type Found = { records: FoundRecord[]; links: FoundLink[]; externals: FoundExternal[] };

const limitDefault = 20;

/**
 * Everything a person may mean: records of ours by id or code, however it is spelled, then by words of code and name;
 * links by external id; the channels' records by id or code. At most `limit` of each kind an entity.
 */
export async function searchEverything(db: Db, input: { q: string; limit?: number }): Promise<Found> {
	const q = input.q.replaceAll('\0', '').trim().slice(0, 200);
	const limit = Math.max(1, Math.min(100, input.limit ?? limitDefault));
	if (searchWords(q).length === 0) return { records: [], links: [], externals: [] };
	const found: Found = { records: [], links: [], externals: [] };
	for (const entity of entities) {
		const [records, links, externals] = await Promise.all([
			findRecords(db, entity, q, limit),
			findLinks(db, entity, q, limit),
			findExternals(db, entity, q, limit)
		]);
		found.records.push(...records);
		found.links.push(...links);
		found.externals.push(...externals);
	}
	return found;
}

async function findRecords(db: Db, entity: Entity, q: string, limit: number): Promise<FoundRecord[]> {
	const columns = sql`${entity.name}::text as entity, r.id::text as id, r.value, r.name, r.is_active as "isActive"`;
	const select = (condition: SQL) =>
		db.execute<FoundRecord>(
			sql`select ${columns} from ${sql.identifier(entity.recordTable)} r where ${condition} limit ${limit}`
		);
	const code = matchCode(q);
	const exact = code === null ? [] : await select(sql`match_code(r.value) = ${code} order by r.value <> ${q}, r.value`);
	const byId = isId(q) ? await select(sql`r.id = ${q}::bigint`) : [];
	// A code that is there is what was meant.
	const byText = exact.length > 0 ? [] : await recordsWithWords(db, entity, { q, limit, columns });
	const all = new Map([...exact, ...byId, ...byText].map((row) => [row.id, row]));
	return [...all.values()].slice(0, limit);
}

/** Records that have all words, in the order in which they were made. */
function recordsWithWords(
	db: Db,
	entity: Entity,
	{ q, limit, columns }: { q: string; limit: number; columns: SQL }
): Promise<FoundRecord[]> {
	const records = sql.identifier(entity.recordTable);
	const rows = sql`select r.*, ${recordText('r')} as said from ${records} r order by r.id`;
	const met = (found: SQL) => (window: SQL) =>
		sql`select r.* from (${rows} ${window}) r where ${found} order by r.id limit ${limit}`;
	const select = async (from: SQL, condition: SQL) => [
		...(await db.execute<FoundRecord>(
			sql`select ${columns} from ${from} where ${condition} order by r.id limit ${limit}`
		))
	];
	return searchedPage(
		db,
		{ entity, q },
		{
			size: limit - 1,
			rows,
			walk: (found, along) => select(sql`${along(met(found))} r`, sql`true`),
			among: (ids) => select(sql`${ids} h(id) join ${records} r on r.id = h.id`, sql`true`)
		}
	);
}

async function findLinks(db: Db, entity: Entity, q: string, limit: number): Promise<FoundLink[]> {
	const { map, internal, external } = linkTable(entity);
	const rows = await db.execute<FoundLink>(sql`
		select ${entity.name}::text as entity, m.id::text as id, c.id::text as "channelId", c.name as "channelName", m.${internal}::text as "internalId",
			r.value, r.name, m.${external} as "externalId", m.external_variant_id as "variantId", m.status
		from c_channel c join ${map} m on m.c_channel_id = c.id and m.${external} = ${q}
		left join ${sql.identifier(entity.recordTable)} r on r.id = m.${internal}
		order by c.id, m.id limit ${limit}`);
	return [...rows];
}

async function findExternals(db: Db, entity: Entity, q: string, limit: number): Promise<FoundExternal[]> {
	const { map, external } = linkTable(entity);
	const code = matchCode(q);
	const byKey = textArray(code === null ? [] : entity.matchKeys.map((key) => `${key}=${code}`));
	// Apart, so that the limit does not talk the planner out of the index.
	const rows = await db.execute<FoundExternal>(sql`
		with by_key as materialized (select x.* from c_channel_record x where x.match_keys && ${byKey}::text[] and x.entity = ${entity.name})
		select ${entity.name}::text as entity, c.id::text as "channelId", c.name as "channelName", x.external_id as "externalId",
			x.external_variant_id as "variantId", x.fields ->> 'value' as value, x.fields ->> 'name' as name, x.url, m.id::text as "linkId"
		from (
			(select x.* from c_channel c join c_channel_record x on x.c_channel_id = c.id and x.entity = ${entity.name} and x.external_id = ${q} limit ${limit})
			union
			select * from by_key
		) x
		join c_channel c on c.id = x.c_channel_id
		left join ${map} m on m.c_channel_id = x.c_channel_id and m.${external} = x.external_id and m.external_variant_id = x.external_variant_id
		where x.deleted_at is null
		order by x.external_id <> ${q}, c.id, x.external_id limit ${limit}`);
	return [...rows];
}
