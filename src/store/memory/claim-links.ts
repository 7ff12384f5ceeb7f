import type { Entity } from '#src/entities/entity.ts';
import type { ClaimedLinks, ClaimLinksInput, LinkWithRecord } from '../claim-links.ts';
import type { LinkState } from '../link-state.ts';
import { heldOf } from './channel-state.ts';
import { recordIn } from './custom-fields.ts';
import { updateLinkRows } from './link-triggers.ts';
import { compareIds, inIdOrder } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';

/** `claimLinks` in memory. */
export function claimLinks(tables: Tables, input: ClaimLinksInput): ClaimedLinks {
	const entity = input.entity.name;
	const now = tables.now();
	const only = input.linkIds === null ? null : new Set(input.linkIds);
	const due: LinkRow[] = [];
	for (const link of tables.of(entity).dirtyLinks(input.channelId)) {
		if (only !== null && !only.has(link.id)) continue;
		if (link.retryAt !== null && link.retryAt > now) continue;
		if (link.claimedUntil !== null && link.claimedUntil > now) continue;
		due.push(link);
	}
	const taken = inIdOrder(due).slice(0, input.limit);
	const set = { claimedBy: input.workerId, claimedUntil: tables.nowPlus(input.leaseMs) };
	const links = updateLinkRows(
		tables,
		entity,
		taken.map((before) => ({ before, set }))
	);
	const claimed = links.map((link) => withRecord(tables, input.entity, link));
	const settings = claimed.length > 0 ? tables.channelEntity(input.channelId, entity) : undefined;
	const held = settings ? heldOf(tables, settings) : [];
	return { claimed, databaseNow: now, set: settings ? { settingsRev: settings.settingsRev, held } : null };
}

/** `releaseLinks` in memory. */
export function releaseLinks(
	tables: Tables,
	input: { entity: Entity; workerId: string; linkIds: readonly string[]; delayMs: number }
): void {
	const { links } = tables.of(input.entity.name);
	const until = tables.nowPlus(input.delayMs);
	const released = linksOf(links, input.linkIds).filter((link) => link.claimedBy === input.workerId);
	updateLinkRows(
		tables,
		input.entity.name,
		released.map((before) => ({
			before,
			set: { claimedBy: null, claimedUntil: null, retryAt: input.delayMs > 0 ? until : before.retryAt }
		}))
	);
}

/** `readLinks` in memory. */
export function readLinks(
	tables: Tables,
	input: { channelId: string; entity: Entity; afterId: string; limit: number; linkIds: readonly string[] | null }
): LinkWithRecord[] {
	const entity = input.entity.name;
	const { links, linksOfChannel } = tables.of(entity);
	const all = input.linkIds === null ? linksOfChannel(input.channelId) : linksOf(links, input.linkIds);
	const after: LinkRow[] = [];
	for (const link of all) {
		if (link.channelId === input.channelId && compareIds(link.id, input.afterId) > 0) after.push(link);
	}
	return inIdOrder(after)
		.slice(0, input.limit)
		.map((link) => withRecord(tables, input.entity, link));
}

/** `readLink` in memory. */
export function readLink(tables: Tables, input: { entity: Entity; linkId: string }): LinkWithRecord | null {
	const link = tables.of(input.entity.name).links.get(input.linkId);
	return link ? withRecord(tables, input.entity, link) : null;
}

function linksOf(links: { get(id: string): LinkRow | undefined }, ids: readonly string[]): LinkRow[] {
	return [...new Set(ids)].flatMap((id) => links.get(id) ?? []);
}

function withRecord(tables: Tables, entity: Entity, link: LinkRow): LinkWithRecord {
	return {
		link: linkState(tables, entity.name, link),
		internal: recordIn(tables, entity, link.internalId) ?? null
	};
}

/** The columns of `LinkState`. */
export function linkState(tables: Tables, entity: string, row: LinkRow): LinkState {
	const asked: Record<string, string> = {};
	for (const { field, rule } of tables.openConflictsOfLink(entity, row.id)) asked[field] = rule;
	return {
		id: row.id,
		channelId: row.channelId,
		internalId: row.internalId,
		externalId: row.externalId,
		variantId: row.variantId,
		isPrimary: row.isPrimary,
		status: row.status,
		baseInternal: row.baseInternal,
		baseExternal: row.baseExternal,
		unconfirmed: row.unconfirmed,
		internalVersion: row.internalVersion,
		externalVersion: row.externalVersion,
		externalStamp: row.externalStamp,
		stampPassed: row.stampPassed,
		codecFingerprint: row.codecFingerprint,
		pendingWrite: row.pendingWrite,
		problem: row.problem,
		waiting: row.waiting,
		tries: row.tries,
		dirtySeq: String(row.dirtySeq),
		cleanSeq: String(row.cleanSeq),
		stateRev: String(row.stateRev),
		asked
	};
}
