import { createPgBossQueue } from '#src/engine/queue/pg-boss-queue.ts';
import { openBoss } from '#src/engine/queue/open-boss.ts';

// A worker that takes one run, says so and never finishes it; made to be killed.
const clock = { monotonicMs: () => performance.now() };
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const boss = openBoss({
	clock,
	databaseUrl: process.env['DATABASE_URL'] ?? '',
	log: silent,
	applicationName: 'hanging worker'
});
await boss.start();
await createPgBossQueue(boss).work(({ runId }) => {
	process.stdout.write(`took ${runId}\n`);
	return new Promise(() => {});
});
process.stdout.write('ready\n');
