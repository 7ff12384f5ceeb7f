import type { PgBoss } from 'pg-boss';
import type { Schedule } from '#src/sync/policy.ts';

export const tickQueue = 'sync-schedule';

/** One tick to come, of one channel and entity. */
export type Tick = {
	channelId: string;
	entity: string;
	/** The schedule this tick was planned by. */
	schedule: Schedule;
	/** Milliseconds since 1970 by the database's clock. */
	dueMs: number;
};

export type PlannedTick = Tick & {
	/** It is being handled now and plans its successor itself. */
	active: boolean;
};

/** Ticks as delayed jobs: of one channel and entity at most one waits, however many engines plan it. */
export type TickJobs = {
	/** Plans a tick in `delayMs`; nothing happens where one waits already. */
	plan(tick: Tick, delayMs: number): Promise<void>;
	/** Gives the waiting tick another schedule and moment. */
	replan(tick: Tick, delayMs: number): Promise<void>;
	/** Takes the waiting tick away. */
	drop(tick: Pick<Tick, 'channelId' | 'entity'>): Promise<void>;
	planned(): Promise<PlannedTick[]>;
	work(handler: (tick: Tick) => Promise<void>): Promise<void>;
};

const settings = {
	heartbeatSeconds: 10,
	expireInSeconds: 60,
	retryLimit: 1000,
	retryDelay: 1,
	retryBackoff: true,
	retryDelayMax: 30,
	deleteAfterSeconds: 60
};

export function tickKey({ channelId, entity }: Pick<Tick, 'channelId' | 'entity'>): string {
	return `${channelId}.${entity}`;
}

/** Makes the queue of ticks in the database, or brings an older one to these settings. The boss is started. */
export async function prepareTickQueue(boss: PgBoss): Promise<void> {
	await boss.createQueue(tickQueue, { ...settings, policy: 'stately' });
	await boss.updateQueue(tickQueue, settings);
}

/** Ticks on pg-boss. */
export function createTickJobs(boss: PgBoss): TickJobs {
	return {
		async plan(tick, delayMs) {
			await boss.send(tickQueue, tick, { singletonKey: tickKey(tick), startAfter: seconds(delayMs) });
		},
		async replan(tick, delayMs) {
			await boss.update(tickQueue, tick, { singletonKey: tickKey(tick), startAfter: seconds(delayMs), match: 'all' });
		},
		async drop(tick) {
			const waiting = await boss.findJobs<Tick>(tickQueue, { key: tickKey(tick), queued: true });
			if (waiting.length > 0)
				await boss.deleteJob(
					tickQueue,
					waiting.map(({ id }) => id)
				);
		},
		async planned() {
			// findJobs offers the waiting jobs or all that are kept, never just the unfinished ones.
			const { rows } = await boss
				.getDb()
				.executeSql(`select data, state = 'active' as active from pgboss.job where name = $1 and state < 'completed'`, [
					tickQueue
				]);
			return (rows as { data: Tick; active: boolean }[]).map(({ data, active }) => ({ ...data, active }));
		},
		async work(handler) {
			await boss.work<Tick>(
				tickQueue,
				{ pollingIntervalSeconds: 0.5, batchSize: 20, burstWhenBatchFull: true },
				async (jobs) => {
					for (const job of jobs) await handler(job.data);
				}
			);
		}
	};
}

function seconds(delayMs: number): number {
	return Math.max(0, Math.round(delayMs)) / 1000;
}
