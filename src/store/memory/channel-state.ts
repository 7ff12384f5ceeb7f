import type { Entity } from '#src/entities/entity.ts';
import type { ChannelAccess, ChannelState } from '../load-channel.ts';
import type { addItems as addItemsToDatabase } from '../sweep.ts';
import { forget } from './awaiting.ts';
import { customFieldsOf } from './custom-fields.ts';
import { insertBatch, insertItem } from './journal-rows.ts';
import { joinWaitingLists } from './leave-waiting-lists.ts';
import { markDirty } from './link-triggers.ts';
import type { DecisionRow } from './decision-tables.ts';
import type { OutboxRow } from './sync-tables.ts';
import { inIdOrder } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';
import { isInternalExcluded, isInternalLinked, joinWaitingList } from './waiting-list.ts';

const tenMinutesMs = 600_000;

/** `loadChannel` in memory. */
export function loadChannel(tables: Tables, input: { channelId: string; entity: string }): ChannelState | null {
	const access = loadChannelAccess(tables, input);
	const settings = tables.channelEntity(input.channelId, input.entity);
	if (!access || !settings) return null;
	let links = 0;
	for (const count of tables.linkCountsOf(input.channelId, input.entity)) links += count.links;
	return {
		...access,
		entity: settings.entity,
		pushLive: settings.pushLive,
		pullLive: settings.pullLive,
		autoCreateExternal: settings.autoCreateExternal,
		autoCreateInternal: settings.autoCreateInternal,
		policy: settings.policy,
		settingsRev: settings.settingsRev,
		cursor: settings.cursor,
		sweptAt: settings.sweptAt,
		fingerprint: settings.fingerprint,
		links,
		customFields: customFieldsOf(tables, settings.entity).map(({ name, label, type, maxLength, scale }) => ({
			name,
			label,
			type,
			maxLength,
			scale
		})),
		source: null,
		held: heldOf(tables, settings),
		installationKey: tables.installations.get('1')?.key ?? null
	};
}

/** Kinds of effects that wait for approval. */
export function heldOf(tables: Tables, { channelId, entity }: { channelId: string; entity: string }): string[] {
	return inIdOrder(tables.openHolds(channelId, entity)).map(({ kind }) => kind);
}

/** `loadChannelAccess` in memory. */
export function loadChannelAccess(tables: Tables, input: { channelId: string }): ChannelAccess | null {
	const channel = tables.channels.get(input.channelId);
	if (!channel) return null;
	const { id, name, connector, settings, credentials } = channel;
	return { id, name, connector, settings, credentials, paused: channel.pausedAt !== null };
}

/** `drainOutbox` in memory. */
export function drainOutbox(tables: Tables, input: { entity: Entity; limit: number }): number {
	const entity = input.entity.name;
	const { hints, taken } = takeHints(tables, entity, input.limit);
	if (taken === 0) return 0;
	const changed: LinkRow[] = [];
	for (const [recordId, { rev, gone }] of hints) {
		for (const link of tables.of(entity).linksOfRecord(recordId)) {
			if (gone || link.internalVersion !== rev || link.problem?.kind === 'missing-internal') changed.push(link);
		}
	}
	markDirty(tables, entity, inIdOrder(changed), true);
	for (const settings of tables.channelEntities.all()) {
		if (settings.entity !== entity) continue;
		addCandidates(tables, settings.channelId, entity, hints);
		for (const [ownerId, { gone }] of hints)
			if (gone)
				forget(tables, { channelId: settings.channelId, entity }, { owner: 'internal', ownerId, variantId: '' });
	}
	forgetSuggestions(tables, entity, hints);
	return taken;
}

function forgetSuggestions(tables: Tables, entity: string, hints: ReadonlyMap<string, Hint>): void {
	for (const suggestion of tables.suggestions.all()) {
		if (suggestion.entity !== entity || !hints.get(suggestion.internalId)?.gone) continue;
		tables.suggestions.remove(suggestion);
		joinWaitingLists(tables, { ...suggestion, internalId: null });
	}
}

type Hint = { rev: string; gone: boolean };

function takeHints(tables: Tables, entity: string, limit: number): { hints: ReadonlyMap<string, Hint>; taken: number } {
	const taken: OutboxRow[] = [];
	for (const row of tables.outbox.all()) {
		if (taken.length === limit) break;
		if (row.entity === entity) taken.push(row);
	}
	const hints = new Map<string, Hint>();
	for (const row of taken) {
		tables.outbox.remove(row);
		const hint = hints.get(row.recordId);
		hints.set(row.recordId, {
			rev: row.rev,
			gone: hint?.gone === true || row.operation === 'delete'
		});
	}
	return { hints, taken: taken.length };
}

function addCandidates(tables: Tables, channelId: string, entity: string, hints: ReadonlyMap<string, Hint>): void {
	for (const [internalId, { gone }] of hints) {
		const record = { channelId, entity, internalId };
		if (gone || isInternalLinked(tables, record) || isInternalExcluded(tables, record)) continue;
		joinWaitingList(tables, { channelId, entity, side: 'internal', recordId: internalId, variantId: '' });
	}
}

/** `compactLinkCounts` in memory. */
export function compactLinkCounts(tables: Tables): number {
	const sums = new Map<string, { channelId: string; entity: string; status: string; links: number }>();
	const rows = [...tables.linkCounts.all()];
	for (const row of rows) {
		const { channelId, entity, status, links } = row;
		const key = `${channelId} ${entity} ${status}`;
		const sum = sums.get(key);
		if (sum) sum.links += links;
		else sums.set(key, { channelId, entity, status, links });
		tables.linkCounts.remove(row);
	}
	for (const sum of sums.values()) {
		if (sum.links !== 0) tables.linkCounts.insert({ id: BigInt(tables.linkCounts.nextId()), ...sum });
	}
	return rows.length;
}

/** `recentWrites` in memory. */
export function recentWrites(
	tables: Tables,
	input: { entity: Entity; internalIds: readonly string[] }
): { internalId: string; field: string; side: string; value: unknown; at: string }[] {
	const since = tables.nowPlus(-tenMinutesMs);
	const rows: DecisionRow[] = [];
	for (const id of new Set(input.internalIds)) {
		for (const row of tables.decisionsOfRecord(input.entity.name, id)) {
			if (row.at <= since || row.actor !== 'engine') continue;
			if (tookEffect(tables, row.linkId, row.runId)) rows.push(row);
		}
	}
	const writes = inIdOrder(rows).flatMap(({ internalId, linkId, runId, changes, at }) =>
		changes.map(({ field, side, after }) => ({
			runId,
			write: {
				internalId: internalId ?? '',
				field,
				side: side === 'external' ? `external ${linkId}` : side,
				value: after ?? null,
				at
			}
		}))
	);
	const first = new Map<string, (typeof writes)[number]['write']>();
	for (const { runId, write } of writes) {
		const key = JSON.stringify([runId, write.internalId, write.side, write.field, write.value]);
		if (!first.has(key)) first.set(key, write);
	}
	return [...first.values()];
}

function tookEffect(tables: Tables, linkId: string | null, runId: string | null): boolean {
	if (linkId === null || runId === null) return false;
	for (const { outcome } of tables.itemsOfLinkInRun(linkId, runId)) {
		if (outcome === 'pushed' || outcome === 'pulled' || outcome === 'merged') return true;
	}
	return false;
}

/** `addItems` in memory. */
export function addItems(tables: Tables, input: Parameters<typeof addItemsToDatabase>[1]): void {
	for (const item of input.items) insertItem(tables, { ...item, fields: [...item.fields], runId: input.runId });
	insertBatch(tables, input.runId, input.phase, input.counts);
}
