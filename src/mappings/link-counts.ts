import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from '#src/store/link-state.ts';
import { pastedLinks } from '#src/store/pasted/pasted-records.ts';
import { linkStatuses, type LinkStatus } from '#src/sync/outcome.ts';
import { isId } from './identifier.ts';

export type StatusCounts = Readonly<Record<LinkStatus, number>>;
export type LinkCounts = { total: number; byStatus: StatusCounts };

/** Links by status, from the kept sums; of all channels and entities where none is named. */
export async function linkCounts(
	db: Db,
	input: { channelId?: string | null; entity?: string | null } = {}
): Promise<LinkCounts> {
	const { channelId, entity } = input;
	if (channelId && !isId(channelId)) return { total: 0, byStatus: statusCounts([]) };
	const rows = await db.execute<{ status: string; links: number }>(sql`
		select status, sum(links)::int as links from sync_link_count
		where ${channelId ? sql`c_channel_id = ${channelId}::bigint` : sql`true`} and ${entity ? sql`entity = ${entity}` : sql`true`}
		group by status`);
	const byStatus = statusCounts(rows);
	return { total: linkStatuses.reduce((sum, status) => sum + byStatus[status], 0), byStatus };
}

/** The same for the links of a pasted list, counted one by one. */
export async function pastedLinkCounts(
	db: Db,
	input: { channelId: string; entity: Entity; listId: string }
): Promise<LinkCounts> {
	const { channelId, entity, listId } = input;
	const rows = await db.execute<{ status: string; links: number }>(sql`
		select m.status, count(*)::int as links from (select distinct p.id from (${pastedLinks(entity, channelId, listId)}) p) h
		cross join lateral (select l.status from ${linkTable(entity).map} l where l.id = h.id offset 0) m group by m.status`);
	const byStatus = statusCounts(rows);
	return { total: linkStatuses.reduce((sum, status) => sum + byStatus[status], 0), byStatus };
}

/** Every status with its number, 0 where none is counted. */
export function statusCounts(rows: readonly { status: string; links: number }[]): StatusCounts {
	const links = new Map(rows.map((row) => [row.status, row.links]));
	return Object.fromEntries(linkStatuses.map((status) => [status, links.get(status) ?? 0])) as StatusCounts;
}
