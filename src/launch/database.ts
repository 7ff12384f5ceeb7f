import { advisoryLocks } from '#src/db/advisory-locks.ts';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { connect, type Connection } from '../db/client.ts';
import { type EmbeddedServer, findEmbedded, startEmbedded } from '../db/embedded/server.ts';
import { migrate } from '../db/migrate.ts';
import { LaunchError } from './launch-error.ts';
import type { Settings } from './settings.ts';

const watchEveryMs = 1000;
/** Names the connection by which launchers see each other. */
const launcherName = 'channel-mapping launcher';

export type OpenDatabase = {
	url: string;
	/** Whether this launcher is the only one that shows the demo on this database from now on. */
	claimDemo(): Promise<boolean>;
	/** Lets go of it. The last launcher to do so stops the embedded server. */
	release(): Promise<void>;
};

/**
 * The migrated database of these settings: the one DATABASE_URL names, else the embedded one, which is kept running (and
 * started again when it dies) until `release`.
 * @throws DatabaseError
 */
export async function openDatabase(settings: Settings, say: (line: string) => void): Promise<OpenDatabase> {
	if (settings.databaseUrl) {
		await migrate(settings.databaseUrl);
		const presence = connect(settings.databaseUrl, { max: 1, applicationName: `${launcherName} ${process.pid}` });
		return { url: settings.databaseUrl, claimDemo: () => claimDemo(presence), release: presence.close };
	}
	const server = await startEmbedded({ dataDirectory: settings.dataDirectory });
	const presence = connect(server.url, { max: 1, applicationName: `${launcherName} ${process.pid}` });
	const watch = keepRunning(server, settings.dataDirectory, presence, say);
	const release = async () => {
		await watch.end();
		await presence.close();
		const current = findEmbedded(settings.dataDirectory);
		if (current && !(await othersUse(current.url))) await current.stop();
	};
	try {
		await presence.db.execute(sql`select 1`);
		await migrate(server.url);
	} catch (error) {
		await release();
		throw error;
	}
	return { url: server.url, claimDemo: () => claimDemo(presence), release };
}

/** The URL of the database if it runs; nothing is started. */
export function findDatabase(settings: Settings): string | undefined {
	return settings.databaseUrl ?? findEmbedded(settings.dataDirectory)?.url;
}

/**
 * Deletes the embedded database and what belongs to it, so that the next start is a first one.
 * @throws LaunchError if it is in use, or is not an embedded one
 */
export async function resetData(settings: Settings): Promise<void> {
	if (settings.databaseUrl) {
		throw new LaunchError(
			'--reset only deletes the embedded database; drop and create the one in DATABASE_URL yourself'
		);
	}
	if (!existsSync(settings.dataDirectory)) return;
	const running = findEmbedded(settings.dataDirectory);
	if (running && (await othersUse(running.url))) {
		throw new LaunchError(`--reset: the database in ${settings.dataDirectory} is in use; end the running demo first`);
	}
	await running?.stop();
	for (const name of ['pg', 'pg-password', 'pg.log', 'secret-key', 'admin-password', 'demo', 'log']) {
		rmSync(path.join(settings.dataDirectory, name), { recursive: true, force: true });
	}
}

function keepRunning(
	first: EmbeddedServer,
	dataDirectory: string,
	presence: Connection,
	say: (line: string) => void
): { end(): Promise<void> } {
	let server = first;
	let ended = false;
	let current: Promise<void> = Promise.resolve();
	const look = async () => {
		// Shows up again after a restart of the server.
		void presence.db.execute(sql`select 1`).catch(() => undefined);
		if (server.isRunning()) return;
		say('PostgreSQL ended, starting it again');
		server = await startEmbedded({ dataDirectory, port: server.port }).catch((error: unknown) => {
			say(error instanceof Error ? error.message : String(error));
			return server;
		});
	};
	const next = () => {
		if (!ended) timer = setTimeout(() => (current = look().finally(next)), watchEveryMs);
	};
	let timer: NodeJS.Timeout | undefined;
	next();
	return {
		end: async () => {
			ended = true;
			clearTimeout(timer);
			await current;
		}
	};
}

async function othersUse(url: string): Promise<boolean> {
	const { db, close } = connect(url, { max: 1, applicationName: 'channel-mapping' });
	try {
		const rows = await db.execute(
			sql`select 1 from pg_stat_activity where starts_with(application_name, ${launcherName}) limit 1`
		);
		return rows.length > 0;
	} finally {
		await close();
	}
}

async function claimDemo(presence: Connection): Promise<boolean> {
	const [row] = await presence.db.execute<{ claimed: boolean }>(
		sql`select pg_try_advisory_lock(${advisoryLocks.demo}) as claimed`
	);
	return row?.claimed === true;
}
