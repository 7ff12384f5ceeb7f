import { linkWasEnded, linkWasMade, linkWasMoved } from './awaiting.ts';
import { DatabaseError, uniqueViolation } from './database-error.ts';
import type { LinkRow, Tables } from './tables.ts';

/** What an INSERT into a link table names; the rest are the column defaults. */
export type LinkValues = Pick<LinkRow, 'channelId' | 'internalId' | 'externalId' | 'variantId'> & Partial<LinkRow>;

/** One row of an UPDATE of a link table. */
export type LinkUpdate = { before: LinkRow; set: Partial<LinkRow> };

/** INSERT INTO a link table with its triggers. Throws what PostgreSQL would. */
export function insertLinkRow(tables: Tables, entity: string, values: LinkValues): LinkRow {
	return insertRow(tables, entity, withDefaults(tables, entity, values));
}

/** INSERT ... ON CONFLICT DO NOTHING; null where one of the two records is linked already. */
export function tryInsertLinkRow(tables: Tables, entity: string, values: LinkValues): LinkRow | null {
	const link = withDefaults(tables, entity, values);
	const { links, linkByExternal, primaryLink } = tables.of(entity);
	const taken =
		links.get(link.id) ??
		linkByExternal(link.channelId, link.externalId, link.variantId) ??
		(link.isPrimary ? primaryLink(link.channelId, link.internalId) : undefined);
	if (taken) {
		checkSecondary(tables, entity, link);
		return null;
	}
	return insertRow(tables, entity, link);
}

/** UPDATE of links with its triggers; each link at most once. Returns the new rows in the order given. */
export function updateLinkRows(tables: Tables, entity: string, updates: readonly LinkUpdate[]): LinkRow[] {
	const { links } = tables.of(entity);
	const rows = updates.map(({ before, set }) => {
		const after = { ...before, ...set };
		if (set.isPrimary !== undefined) checkSecondary(tables, entity, after);
		if (isOtherLink(before, after)) after.updatedAt = tables.now();
		return links.replace(before, after);
	});
	countMoves(tables, entity, updates, rows);
	rows.forEach((row, at) => {
		if (updates[at]?.set.externalId !== undefined) linkWasMoved(tables, entity, row);
	});
	return rows;
}

/** DELETE of links with its triggers. */
export function deleteLinkRows(tables: Tables, entity: string, rows: readonly LinkRow[]): void {
	const { links } = tables.of(entity);
	for (const row of rows) links.remove(row);
	addCounts(tables, entity, rows, -1);
	for (const row of rows) linkWasEnded(tables, entity, row);
}

/** Links that UPDATE ... SET dirty_seq = dirty_seq + 1 is about; `retryNow` also ends the wait for another try. */
export function markDirty(tables: Tables, entity: string, links: readonly LinkRow[], retryNow: boolean): void {
	updateLinkRows(
		tables,
		entity,
		links.map((before) => ({
			before,
			set: retryNow ? { dirtySeq: before.dirtySeq + 1n, retryAt: null } : { dirtySeq: before.dirtySeq + 1n }
		}))
	);
}

function withDefaults(tables: Tables, entity: string, values: LinkValues): LinkRow {
	const now = tables.now();
	return {
		id: values.id ?? tables.of(entity).links.nextId(),
		isPrimary: true,
		createdAt: now,
		updatedAt: now,
		status: 'pending',
		baseInternal: null,
		baseExternal: null,
		unconfirmed: [],
		internalVersion: null,
		externalVersion: null,
		externalStamp: null,
		stampPassed: false,
		codecFingerprint: null,
		pendingWrite: null,
		dirtySeq: 1n,
		cleanSeq: 0n,
		stateRev: 1n,
		problem: null,
		tries: 0,
		retryAt: null,
		claimedBy: null,
		claimedUntil: null,
		waiting: null,
		syncedAt: null,
		...values
	};
}

function insertRow(tables: Tables, entity: string, link: LinkRow): LinkRow {
	checkSecondary(tables, entity, link);
	const { links } = tables.of(entity);
	if (links.get(link.id)) throw uniqueViolation(`${links.name}_pkey`);
	links.insert(link);
	tables.requireChannel(links.name, link.channelId);
	addCounts(tables, entity, [link], 1);
	linkWasMade(tables, entity, link);
	return link;
}

function checkSecondary(tables: Tables, entity: string, link: LinkRow): void {
	if (link.isPrimary || tables.channelEntity(link.channelId, entity)?.allowSecondary) return;
	throw new DatabaseError('23514', 'this channel allows one link per record', 'secondary_link_not_allowed');
}

function isOtherLink(before: LinkRow, after: LinkRow): boolean {
	return (
		before.channelId !== after.channelId ||
		before.internalId !== after.internalId ||
		before.externalId !== after.externalId ||
		before.variantId !== after.variantId ||
		before.isPrimary !== after.isPrimary
	);
}

function countMoves(tables: Tables, entity: string, updates: readonly LinkUpdate[], rows: readonly LinkRow[]): void {
	const moved = rows.filter((row, at) => {
		const before = updates[at]?.before;
		return before?.status !== row.status || before.channelId !== row.channelId;
	});
	if (moved.length === 0) return;
	const sums = new Map<string, { channelId: string; status: string; links: number }>();
	updates.forEach(({ before }, at) => {
		const after = rows[at];
		if (after) count(sums, after, 1);
		count(sums, before, -1);
	});
	for (const sum of sums.values()) if (sum.links !== 0) insertCount(tables, entity, sum);
}

function addCounts(tables: Tables, entity: string, rows: readonly LinkRow[], sign: 1 | -1): void {
	const sums = new Map<string, { channelId: string; status: string; links: number }>();
	for (const row of rows) count(sums, row, sign);
	for (const sum of sums.values()) insertCount(tables, entity, sum);
}

function count(
	sums: Map<string, { channelId: string; status: string; links: number }>,
	{ channelId, status }: LinkRow,
	links: number
): void {
	const key = `${channelId} ${status}`;
	const sum = sums.get(key);
	if (sum) sum.links += links;
	else sums.set(key, { channelId, status, links });
}

function insertCount(
	tables: Tables,
	entity: string,
	{ channelId, status, links }: { channelId: string; status: string; links: number }
): void {
	tables.linkCounts.insert({ id: BigInt(tables.linkCounts.nextId()), channelId, entity, status, links });
}
