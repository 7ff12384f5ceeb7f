import type { ChannelStatus, EngineClient, EngineProblem, Health } from './engine-client.ts';

/** How syncing goes, as small as a page needs it. Everything but `reachable` and `problem` is empty while the engine is away. */
export type SyncStatus = {
	reachable: boolean;
	problem: EngineProblem | null;
	/** By channel id. */
	channels: Readonly<Record<string, SyncedChannel>>;
};

export type SyncedChannel = {
	name: string;
	health: Health;
	problem: ChannelStatus['problem'];
	/** By entity. */
	entities: Readonly<Record<string, SyncedEntity>>;
};

export type SyncedEntity = {
	health: Health;
	lagSeconds: number | null;
	nextDueAt: string | null;
	lastRunState: string | null;
};

const freshMs = 2000;

/** One per process: pages that ask at the same time, or within two seconds, share one call. Never throws. */
export function createSyncStatus({ client, nowMs }: { client: Pick<EngineClient, 'channels'>; nowMs: () => number }): {
	statusOf(): Promise<SyncStatus>;
} {
	let last: { atMs: number; status: Promise<SyncStatus> } | undefined;
	return {
		statusOf() {
			const now = nowMs();
			if (!last || now - last.atMs > freshMs) last = { atMs: now, status: ask(client) };
			return last.status;
		}
	};
}

async function ask(client: Pick<EngineClient, 'channels'>): Promise<SyncStatus> {
	const answer = await client.channels();
	if (!answer.ok) return { reachable: !answer.unreachable, problem: answer.problem, channels: {} };
	return {
		reachable: true,
		problem: null,
		channels: Object.fromEntries(answer.data.map((channel) => [channel.id, syncedOf(channel)]))
	};
}

function syncedOf({ name, health, problem, entities }: ChannelStatus): SyncedChannel {
	return {
		name,
		health,
		problem,
		entities: Object.fromEntries(
			entities.map(({ entity, health: own, lagSeconds, nextDueAt, lastRun }) => [
				entity,
				{ health: own, lagSeconds, nextDueAt, lastRunState: lastRun?.state ?? null }
			])
		)
	};
}
