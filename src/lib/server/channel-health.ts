import { Cron } from 'croner';
import { entities as known } from '#src/entities/registry.ts';
import type { ChannelEntityRow, ChannelRow } from '#src/mappings/channel-row.ts';
import type { Schedule } from '#src/sync/policy.ts';
import { healthOrder, type Health } from '#src/lib/words/channel-words.ts';

const slackMs = 60_000;

/** When the run after one that started at `sinceMs` is due, milliseconds since 1970; null for a cron that never fires. */
export function nextDueMs(schedule: Schedule, sinceMs: number): number | null {
	if ('everySeconds' in schedule) return sinceMs + schedule.everySeconds * 1000;
	const next = new Cron(schedule.cron, { timezone: schedule.zone, paused: true }).nextRun(new Date(sinceMs));
	return next?.getTime() ?? null;
}

/** How one entity of a channel stands against its schedule. */
export function entityHealth(
	channel: Pick<ChannelRow, 'pausedAt' | 'pausedReason' | 'problem'>,
	entity: Pick<ChannelEntityRow, 'lastRun' | 'held' | 'schedule' | 'pushLive' | 'pullLive'>,
	nowMs: number
): Health {
	if (channel.pausedAt) return channel.pausedReason === 'copy' ? 'copy' : 'paused';
	if (channel.problem) return channel.problem.kind === 'unauthorized' ? 'unauthorized' : 'problem';
	const { lastRun, held, schedule } = entity;
	if (lastRun?.state === 'failed') return 'failing';
	if (held > 0) return 'held';
	if (!lastRun) return 'new';
	if (lastRun.state === 'running' && lastRun.mode === 'full') return 'running';
	const startedMs = Date.parse(lastRun.startedAt ?? lastRun.queuedAt);
	const dueMs = nextDueMs(schedule, startedMs);
	const intervalMs = dueMs === null ? 0 : dueMs - startedMs;
	if (dueMs !== null && lastRun.state !== 'running' && nowMs > dueMs + intervalMs + slackMs) return 'late';
	return entity.pushLive || entity.pullLive ? 'on-time' : 'watching';
}

export type ChannelView = Omit<ChannelRow, 'entities'> & {
	health: Health;
	entities: (ChannelEntityRow & { health: Health; links: number; nextDueAt: string | null })[];
};

/** A channel as the screen shows it; its own health is that of its worst entity, or that some are live and others are not. */
export function channelView<Row extends ChannelRow>(row: Row, nowMs: number): Omit<Row, 'entities'> & ChannelView {
	const place = ({ entity }: ChannelEntityRow) => known.findIndex(({ name }) => name === entity);
	const sorted = row.entities.toSorted((one, other) => place(one) - place(other));
	const entities = sorted.map((entity) => ({
		...entity,
		health: entityHealth(row, entity, nowMs),
		links: Object.values(entity.counts).reduce((sum, count) => sum + count, 0),
		nextDueAt: nextDueOf(row, entity, nowMs)
	}));
	const found = new Set<Health>(entities.map((entity) => entity.health));
	if (found.has('watching') && found.has('on-time')) found.add('partly-live');
	const health = healthOrder.find((each) => found.has(each)) ?? (row.pausedAt ? 'paused' : 'none');
	return { ...row, entities, health };
}

/** Null while paused or never run, and once it is overdue: "late" says that already. */
function nextDueOf(channel: ChannelRow, { lastRun, schedule }: ChannelEntityRow, nowMs: number): string | null {
	if (channel.pausedAt || !lastRun) return null;
	const dueMs = nextDueMs(schedule, Date.parse(lastRun.startedAt ?? lastRun.queuedAt));
	return dueMs === null || dueMs < nowMs ? null : new Date(dueMs).toISOString();
}

/** The next `count` times at which a schedule fires after `nowMs`, as ISO text. */
export function nextRuns(schedule: Schedule, nowMs: number, count: number): string[] {
	const times: string[] = [];
	let lastMs: number | null = nowMs;
	while (times.length < count) {
		lastMs = nextDueMs(schedule, lastMs);
		if (lastMs === null) break;
		times.push(new Date(lastMs).toISOString());
	}
	return times;
}
