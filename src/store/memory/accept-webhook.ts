import {
	hintsAtMost,
	rememberedSeconds,
	startedByWebhook,
	type AcceptWebhookInput,
	type AcceptWebhookResult,
	type NamedRecord
} from '../accept-webhook.ts';
import { queueRun } from './runs.ts';
import { compareText } from './table.ts';
import type { Tables } from './tables.ts';

const forgottenAtOnce = 200;

/** `acceptWebhook` in memory. */
export function acceptWebhook(tables: Tables, input: AcceptWebhookInput): AcceptWebhookResult {
	const { channelId, hookId } = input;
	const channel = tables.channels.get(channelId);
	const takes = tables.channelWebhooks.get(channelId);
	if (!channel || !takes) return { kind: 'refused', runs: [] };
	if (hookId !== null && !remember(tables, channelId, hookId)) return { kind: 'repeated', runs: [] };
	if (takes.receivedAt === null || takes.receivedAt < tables.nowPlus(-1000))
		tables.channelWebhooks.replace(takes, { ...takes, receivedAt: tables.now() });
	if (channel.pausedAt !== null) return { kind: 'paused', runs: [] };
	const carried = [...tables.channelEntities.all()].filter((row) => row.channelId === channelId);
	const runs: AcceptWebhookResult['runs'] = [];
	for (const { entity } of carried.toSorted((one, other) => compareText(one.entity, other.entity))) {
		const named = input.named.filter((each) => each.entity === entity);
		const kept = named.length > 0 && keepHints(tables, channelId, entity, named);
		const wait = (mode: string) =>
			queueRun(tables, { channelId, entity, mode, startedBy: startedByWebhook, linkIds: null });
		if (kept) runs.push(wait('hinted'));
		if (input.unnamed.includes(entity) || (named.length > 0 && !kept)) runs.push(wait('incremental'));
	}
	return { kind: 'accepted', runs };
}

function remember(tables: Tables, channelId: string, hookId: string): boolean {
	const since = tables.nowPlus(-rememberedSeconds * 1000);
	const old = [...tables.webhooksOf(channelId)]
		.filter(({ receivedAt }) => receivedAt < since)
		.sort((one, other) => compareText(one.receivedAt, other.receivedAt) || compareText(one.hookId, other.hookId));
	for (const row of old.slice(0, forgottenAtOnce)) tables.webhooks.remove(row);
	if (tables.webhook(channelId, hookId)) return false;
	tables.webhooks.insert({ channelId, hookId, receivedAt: tables.now() });
	return true;
}

function keepHints(tables: Tables, channelId: string, entity: string, named: readonly NamedRecord[]): boolean {
	const waiting = [...tables.hintsOf(channelId, entity)].length;
	if (waiting + named.length > hintsAtMost) return false;
	for (const { externalId, variantId } of named) {
		if (tables.hint(channelId, entity, externalId, variantId)) continue;
		tables.hints.insert({ channelId, entity, externalId, variantId });
	}
	return true;
}
