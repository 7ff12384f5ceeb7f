import type { ChannelEntityRow, ChannelRow } from '#src/mappings/channel-row.ts';
import { runBackoffMs } from '#src/sync/retry.ts';
import { nextDueMs } from '../schedule/next-due.ts';

/** How a channel does, the worst first. */
export const healthWords = ['copy', 'problem', 'paused', 'delayed', 'never-ran', 'watching', 'on-time'] as const;
export type Health = (typeof healthWords)[number];

/** A run may come this much later than due before it counts as delayed. */
const slackMs = 60_000;

type Entity = Pick<ChannelEntityRow, 'lastRun' | 'failures' | 'schedule' | 'pushLive' | 'pullLive'>;
type Channel = Pick<ChannelRow, 'pausedAt' | 'pausedReason' | 'problem'>;

/** When the next run by schedule is due, milliseconds since 1970; null while paused, before the first run and for a cron that never fires. */
export function entityDueMs(channel: Channel, { lastRun, schedule, failures }: Entity): number | null {
	if (channel.pausedAt || !lastRun) return null;
	const startedMs = Date.parse(lastRun.startedAt ?? lastRun.queuedAt);
	const dueMs = nextDueMs(schedule, startedMs);
	return dueMs === null ? null : Math.max(dueMs, startedMs + runBackoffMs(failures));
}

/** How one entity of a channel does against its schedule. */
export function entityHealth(channel: Channel, entity: Entity, nowMs: number): Health {
	if (channel.pausedAt) return channel.pausedReason === 'copy' ? 'copy' : 'paused';
	if (channel.problem || entity.lastRun?.state === 'failed') return 'problem';
	const { lastRun } = entity;
	if (!lastRun) return 'never-ran';
	const dueMs = entityDueMs(channel, entity);
	const startedMs = Date.parse(lastRun.startedAt ?? lastRun.queuedAt);
	const intervalMs = dueMs === null ? 0 : dueMs - startedMs;
	if (dueMs !== null && lastRun.state !== 'running' && nowMs > dueMs + intervalMs + slackMs) return 'delayed';
	return entity.pushLive || entity.pullLive ? 'on-time' : 'watching';
}

/** The worst of several; `never-ran` where there is none. */
export function worstHealth(words: readonly Health[]): Health {
	return healthWords.find((word) => words.includes(word)) ?? 'never-ran';
}
