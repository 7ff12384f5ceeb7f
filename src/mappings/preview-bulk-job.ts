import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { BulkSelection } from '#src/db/schema/bulk.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { BulkKind } from '#src/store/bulk/bulk-job.ts';
import { selected } from '#src/store/bulk/matching-links.ts';
import { linkTable } from '#src/store/link-state.ts';
import { linkStatuses, type LinkStatus } from '#src/sync/outcome.ts';
import { linkCounts, statusCounts, type StatusCounts } from './link-counts.ts';

export type BulkPreview = {
	/** Links that it will be done to. */
	links: number;
	/** By status: how many there are, and whether it is done to them. */
	rows: { status: LinkStatus; links: number; included: boolean }[];
	/** A search found more than can be counted while a person waits: it must be narrowed. */
	tooMany: boolean;
};

/** A search that finds more is to be narrowed. */
export const countedAtMost = 250_000;

/** What would be done to how many links, by their status now. Without a search it comes from the kept counters. */
export async function previewBulkJob(
	db: Db,
	input: { entity: Entity; channelId: string; kind: BulkKind; selection: BulkSelection }
): Promise<BulkPreview> {
	const { kind } = input;
	const counts = await countsOf(db, input);
	const rows = linkStatuses
		.map((status) => ({ status, links: counts[status], included: included(kind, status) }))
		.filter(({ links }) => links > 0);
	const links = rows.reduce((sum, row) => sum + (row.included ? row.links : 0), 0);
	return {
		links,
		rows,
		tooMany: rows.reduce((sum, row) => sum + row.links, 0) > countedAtMost && hasSearch(input.selection)
	};
}

/** The newest link of a channel: what is made later is not part of what a person sees now. '0' where there is none. */
export async function newestLink(db: Db, entity: Entity, channelId: string): Promise<string> {
	const [row] = await db.execute<{ id: string }>(sql`
		select m.id::text as id from ${linkTable(entity).map} m where m.c_channel_id = ${channelId}::bigint order by m.id desc limit 1`);
	return row?.id ?? '0';
}

function included(kind: BulkKind, status: LinkStatus): boolean {
	if (kind === 'retry') return status === 'failed' || status === 'quarantined';
	return kind === 'unlink' || kind === 'undo-unlink' || status !== 'orphan';
}

function hasSearch(selection: BulkSelection): boolean {
	return 'q' in selection && selection.q !== '';
}

async function countsOf(
	db: Db,
	{ entity, channelId, selection }: { entity: Entity; channelId: string; selection: BulkSelection }
): Promise<StatusCounts> {
	if ('linkIds' in selection || selection.q !== '' || selection.listId !== undefined || selection.cause !== undefined)
		return countRows(db, entity, channelId, selection);
	const { byStatus } = await linkCounts(db, { channelId, entity: entity.name });
	const { status, exceptIds } = selection;
	const without = exceptIds.length === 0 ? null : await countRows(db, entity, channelId, { linkIds: exceptIds });
	const rows = linkStatuses
		.filter((each) => status === null || each === status)
		.map((each) => ({ status: each, links: byStatus[each] - (without?.[each] ?? 0) }));
	return statusCounts(rows);
}

async function countRows(db: Db, entity: Entity, channelId: string, selection: BulkSelection): Promise<StatusCounts> {
	const rows = await db.execute<{ status: string; links: number }>(sql`
		select status, count(*)::int as links from (
			select m.status from ${linkTable(entity).map} m where ${selected(entity, channelId, selection)} limit ${countedAtMost + 1}
		) f group by status`);
	return statusCounts(rows);
}
