import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { columnOf, type Entity } from '#src/entities/entity.ts';
import { idArray } from '#src/entities/record-store.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import { matchCode } from '#src/sync/match-code.ts';
import type { LinkStatus } from '#src/sync/outcome.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput, type SortColumn } from './keyset.ts';
import { searchedPage } from './searched-page.ts';
import { recordText, searchWords } from '#src/store/search-text.ts';

/** How one record stands with one channel. */
export type ChannelChip = {
	channelId: string;
	channelName: string;
	/** The primary link, else the first; null without one. */
	linkId: string | null;
	status: LinkStatus | 'creating' | 'excluded' | 'suggested' | 'not-linked';
	waiting: string | null;
	problemKind: string | null;
	/** Links to this channel; more than one deserves a look. */
	links: number;
};

export type RecordRow = {
	id: string;
	value: string;
	name: string;
	isActive: boolean;
	updatedAt: string;
	/** Values of the fields that its list shows, by name. */
	listed: Readonly<Record<string, string | null>>;
	/** One entry per channel that carries the entity, in channel order. */
	channels: ChannelChip[];
};

export type ListRecordsInput = PageInput & { entity: string; q?: string | null; active?: boolean | null };

/** Records of ours by code, each with its standing at every channel. */
export async function listRecords(db: Db, input: ListRecordsInput): Promise<Page<RecordRow>> {
	const entity = entityNamed(input.entity);
	if (!entity) return emptyPage();
	const sort: SortColumn[] = [{ column: sql`r.value`, type: 'text' }];
	if (entity.valueRepeats) sort.push({ column: sql`r.id`, type: 'bigint' });
	const keys = keyset(`records ${entity.name}`, sort, input);
	const active = typeof input.active === 'boolean' ? sql`r.is_active = ${input.active}` : sql`true`;
	const records = sql.identifier(entity.recordTable);
	const pageOf = async (from: SQL, where: SQL) => [
		...(await db.execute<Omit<RecordRow, 'channels'> & Keyed>(sql`
			select r.id::text as id, r.value, r.name, r.is_active as "isActive", cm_iso(r.updated_at) as "updatedAt", ${listedOf(entity)} as listed, ${keys.key} as "cursorKey"
			from ${from} where ${where} and ${active} and ${keys.where} order by ${keys.orderBy} limit ${keys.limit}`))
	];
	const q = input.q?.replaceAll('\0', '') ?? '';
	const rest = sql`select r.*, ${recordText('r')} as said from ${records} r where ${keys.where} order by ${keys.orderBy}`;
	const met = (found: SQL) => (window: SQL) => sql`
		select r.* from (${rest} ${window}) r where ${found} and ${active} order by ${keys.orderBy} limit ${keys.limit}`;
	const rows =
		searchWords(q).length === 0
			? await pageOf(sql`${records} r`, sql`true`)
			: await searchedPage(
					db,
					{ entity, q },
					{
						size: keys.size,
						wholeCode: await isCode(db, entity, q),
						rows: rest,
						among: (ids) => pageOf(sql`${ids} h(id) join ${records} r on r.id = h.id`, sql`true`),
						walk: (found, along) => pageOf(sql`${along(met(found))} r`, sql`true`)
					}
				);
	const page = keys.page(rows);
	const chips = await readChips(
		db,
		entity,
		page.rows.map(({ id }) => id)
	);
	return { ...page, rows: page.rows.map((row) => ({ ...row, channels: chips.get(row.id) ?? [] })) };
}

async function isCode(db: Db, entity: Entity, q: string): Promise<boolean> {
	const code = matchCode(q);
	if (code === null) return false;
	const rows = await db.execute(
		sql`select 1 from ${sql.identifier(entity.recordTable)} r where match_code(r.value) = ${code} limit 1`
	);
	return rows.length > 0;
}

/** The fields that a list of records \`r\` shows, as JSON by name. */
function listedOf(entity: Entity): SQL {
	const pairs = entity.fields
		.filter(({ name }) => entity.listed?.includes(name))
		.map((field) => sql`${field.name}::text, r.${sql.identifier(columnOf(field))}::text`);
	return pairs.length === 0 ? sql`'{}'::jsonb` : sql`jsonb_build_object(${sql.join(pairs, sql`, `)})`;
}

async function readChips(db: Db, entity: Entity, ids: readonly string[]): Promise<Map<string, ChannelChip[]>> {
	if (ids.length === 0) return new Map();
	const { map, internal } = linkTable(entity);
	// OFFSET 0 asks an index for each record of the page; else all suggestions there are would be read for it.
	const rows = await db.execute<ChannelChip & { recordId: string }>(sql`
		select r.id::text as "recordId", c.id::text as "channelId", c.name as "channelName", m.id::text as "linkId",
			coalesce(m.status, case
				when exists (select 1 from sync_intent i where i.c_channel_id = c.id and i.entity = e.entity and i.internal_id = r.id offset 0) then 'creating'
				when exists (select 1 from c_channel_exclusion x where x.c_channel_id = c.id and x.entity = e.entity and x.kind = 'record' and x.internal_id = r.id offset 0) then 'excluded'
				when exists (select 1 from c_channel_suggestion s where s.c_channel_id = c.id and s.entity = e.entity and s.internal_id = r.id offset 0) then 'suggested'
				else 'not-linked' end) as status,
			m.waiting, m.problem ->> 'kind' as "problemKind", coalesce(m.links, 0)::int as links
		from unnest(${idArray(ids)}::bigint[]) r(id)
		cross join c_channel_entity e join c_channel c on c.id = e.c_channel_id
		left join lateral (
			select m.id, m.status, m.waiting, m.problem, count(*) over () as links from ${map} m
			where m.${internal} = r.id and m.c_channel_id = c.id order by m.is_primary desc, m.id limit 1
		) m on true
		where e.entity = ${entity.name}
		order by c.id`);
	const chips = Map.groupBy(rows, ({ recordId }) => recordId);
	return new Map([...chips].map(([id, list]) => [id, list.map(({ recordId: _, ...chip }) => chip)]));
}
