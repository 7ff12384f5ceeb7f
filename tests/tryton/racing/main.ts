// npm run test:tryton:long [-- --edits N --kills N --cycles N --seed N --backend postgresql|sqlite --record --json]
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { connect } from '#src/db/client.ts';
import { startEmbedded } from '#src/db/embedded/server.ts';
import { migrate } from '#src/db/migrate.ts';
import { record, typed } from '../../proof/figures.ts';
import { startTryton, startTrytonOnPostgres } from '../server.ts';
import { watchPostgres, watchSqlite } from './history.ts';
import { race, type Race } from './race.ts';
import { addSyncUser, type RacedTryton } from './world.ts';
import type { History } from './history.ts';

/**
 * The long tier: Tryton on PostgreSQL, where its precondition is exact, 2,000 racing edits, 40 kills, 100 idle cycles.
 * Tryton's database lies on the server that TRYTON_DATABASE_URL names, ours on that of TEST_DATABASE_URL, each else on a
 * throwaway one. The last line holds the figures; exit code 1 where an edit was lost or anything else went wrong.
 */
const { values } = parseArgs({
	options: {
		edits: { type: 'string', default: '2000' },
		kills: { type: 'string', default: '40' },
		cycles: { type: 'string', default: '100' },
		seed: { type: 'string', default: '1' },
		backend: { type: 'string', default: 'postgresql' },
		json: { type: 'boolean', default: false },
		record: { type: 'boolean', default: false }
	}
});
const kills = Number(values.kills);
const options: Race = {
	seed: Number(values.seed),
	edits: Number(values.edits),
	kills: { engine: Math.ceil(kills / 2), tryton: Math.floor(kills / 2) },
	records: 40,
	pauseMs: 150,
	faults: { writes: 0.1, reads: 0.002 },
	intrusions: 0.25,
	idleCycles: Number(values.cycles),
	settleWithinMs: 180_000,
	progress: values.json ? () => undefined : (line) => console.log(line)
};

type Raced = { tryton: RacedTryton; watchTryton: () => Promise<History>; stop(): Promise<void> };

async function onPostgres(url: string): Promise<Raced> {
	const server = await startTrytonOnPostgres(url);
	const engineUser = await addSyncUser(server);
	return {
		tryton: { ...server, backend: 'postgresql' },
		watchTryton: () => watchPostgres(server.databaseUrl, engineUser),
		stop: () => server.stop()
	};
}

async function onSqlite(): Promise<Raced> {
	const server = await startTryton();
	const engineUser = await addSyncUser(server);
	return {
		tryton: { ...server, backend: 'sqlite' },
		watchTryton: async () => watchSqlite(server.fileOf(server.database), engineUser),
		stop: () => server.stop()
	};
}

async function startThrowaway() {
	const dataDirectory = mkdtempSync(join(tmpdir(), 'channel-mapping-racing-'));
	chmodSync(dataDirectory, 0o711);
	const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
	const server = await startEmbedded({ dataDirectory, settings });
	const stop = async () => {
		await server.stop();
		rmSync(dataDirectory, { recursive: true, force: true });
	};
	return { url: server.url, stop };
}

async function main(): Promise<number> {
	const given = { ours: process.env['TEST_DATABASE_URL'], theirs: process.env['TRYTON_DATABASE_URL'] };
	const needed = !given.ours || (!given.theirs && values.backend !== 'sqlite');
	const throwaway = needed ? await startThrowaway() : undefined;
	const ours = new URL(given.ours ?? throwaway?.url ?? '');
	ours.pathname = `/racing_${randomBytes(4).toString('hex')}`;
	let raced: Raced | undefined;
	try {
		await migrate(ours.href);
		raced = values.backend === 'sqlite' ? await onSqlite() : await onPostgres(given.theirs ?? throwaway?.url ?? '');
		const { db, close } = connect(ours.href, { applicationName: 'race' });
		try {
			const { violations, figures } = await race(options, { db, databaseUrl: ours.href, ...raced });
			for (const { kind, what } of violations) console.log(`${kind}: ${what}`);
			if (values.record) await record('tryton', { command: typed('test:tryton:long'), figures });
			console.log(JSON.stringify(figures));
			return violations.length === 0 && figures['idleWrites'] === 0 ? 0 : 1;
		} finally {
			await close();
		}
	} finally {
		await raced?.stop();
		await forget(ours);
		await throwaway?.stop();
	}
}

async function forget(database: URL): Promise<void> {
	const maintenance = new URL(database);
	maintenance.pathname = '/postgres';
	const sql = postgres(maintenance.href, { max: 1, onnotice: () => undefined });
	await sql`drop database if exists ${sql(database.pathname.slice(1))} with (force)`;
	await sql.end();
}

process.exitCode = await main();
