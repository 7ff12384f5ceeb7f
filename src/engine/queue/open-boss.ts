import { PgBoss } from 'pg-boss';
import { errorText } from '../error-text.ts';
import type { Clock, Log } from '../ports.ts';

const retryMs = 1000;
const sayEveryMs = 5000;

export type BossOptions = {
	databaseUrl: string;
	clock: Pick<Clock, 'monotonicMs'>;
	log: Log;
	/** How the connections call themselves in `pg_stat_activity`. */
	applicationName?: string;
};

/**
 * A job engine on our PostgreSQL, tuned so that the job of a killed process is found within about 11 s. Opens no
 * connection yet. Errors of its background work (a database that restarts) are logged and never end the process.
 */
export function openBoss({
	databaseUrl,
	clock,
	log,
	applicationName = 'channel-mapping engine queue'
}: BossOptions): PgBoss {
	const boss = new PgBoss({
		connectionString: databaseUrl,
		application_name: applicationName,
		max: 5,
		connectionTimeoutMillis: 3000,
		superviseIntervalSeconds: 1,
		monitorIntervalSeconds: 1,
		maintenanceIntervalSeconds: 60,
		flowIntervalSeconds: 3600,
		schedule: false,
		registerInstance: false,
		monitorVacuum: false,
		warningQueueSize: 100_000
	});
	let saidMs = -Infinity;
	let unsaid = 0;
	// While the database is away each of its loops fails several times a second.
	const quietly = (problem: string) => {
		if (clock.monotonicMs() - saidMs < sayEveryMs) return void unsaid++;
		log.warn('queue', { problem, unsaid });
		saidMs = clock.monotonicMs();
		unsaid = 0;
	};
	// Without a listener each of these would end the process.
	boss.on('error', (error) => quietly(errorText(error)));
	boss.on('warning', ({ message }) => quietly(message));
	return boss;
}

/** Starts the job engine, trying again every second until the database is there. False when `signal` fires first. */
export async function startBoss(
	boss: PgBoss,
	{ clock, log }: { clock: Clock; log: Log },
	signal: AbortSignal
): Promise<boolean> {
	for (let tries = 1; !signal.aborted; tries++) {
		try {
			await boss.start();
			return true;
		} catch (error) {
			if (tries === 1)
				log.warn('queue: the database is not there yet', {
					problem: errorText(error)
				});
			await clock.sleep(retryMs, signal).catch(() => undefined);
		}
	}
	return false;
}
