import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../pg/database.ts';
import { whyNoTryton } from '../install.mjs';
import { startTryton, type TrytonServer } from '../server.ts';
import { watchSqlite } from './history.ts';
import { race } from './race.ts';
import { addSyncUser } from './world.ts';

const reason = whyNoTryton();

describe.skipIf(reason)(`racing edits on a real Tryton${reason ? ` (not run: ${reason})` : ''}`, () => {
	let server: TrytonServer;
	let database: TestDatabase;

	beforeAll(async () => {
		server = await startTryton();
		database = await testDatabase();
	});
	afterAll(async () => {
		await server?.stop();
		await database?.close();
	});

	it(
		'loses no edit and makes no duplicate while engine and Tryton are killed and answers get lost (SQLite, class A1)',
		{ timeout: 400_000 },
		async () => {
			const engineUser = await addSyncUser(server);
			const { violations, figures } = await race(
				{
					seed: 1,
					edits: 100,
					kills: { engine: 2, tryton: 2 },
					records: 12,
					pauseMs: 250,
					faults: { writes: 0.2, reads: 0.005 },
					intrusions: 0.25,
					idleCycles: 20,
					settleWithinMs: 150_000
				},
				{
					db: database.db,
					databaseUrl: database.url,
					tryton: { ...server, backend: 'sqlite' },
					watchTryton: async () => watchSqlite(server.fileOf(server.database), engineUser)
				}
			);
			console.log(JSON.stringify(figures));
			expect(violations.map(({ kind, what }) => `${kind}: ${what}`).join('\n')).toBe('');
			expect(figures).toMatchObject({ idleWrites: 0 });
			expect(figures['pushedValues'], 'edits of ours arrived').toBeGreaterThan(10);
			expect(figures['pulledValues'], 'edits of theirs arrived').toBeGreaterThan(10);
		}
	);
});
