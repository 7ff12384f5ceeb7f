import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { connect } from '#src/db/client.ts';

// Transactions on a single connection that the server ends before, at and after a statement; prints what became of each.
const url = process.env['DATABASE_URL'] ?? '';
const { db, close } = connect(url, { max: 1 });
const other = connect(url, { max: 1 });
const end = (pid: number) => other.db.execute(sql`select pg_terminate_backend(${pid}::int)`);
const quietMs = 100;

type Interruption = (pid: number) => Promise<unknown>;
const interruptions: Interruption[] = [
	async (pid) => {
		await end(pid);
		// Long enough for the connection to know.
		await sleep(quietMs);
	},
	(pid) => end(pid),
	async (pid) => void end(pid).catch(() => undefined)
];

for (const interrupt of interruptions) {
	const outcome = await db
		.transaction(async (tx) => {
			const [own] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
			await interrupt(own?.pid ?? 0);
			for (;;) await tx.execute(sql`select 1`);
		})
		.catch(() => 'failed');
	const startedMs = performance.now();
	let tries = 0;
	while ((await db.execute(sql`select 1`).catch(() => [])).length === 0) await sleep(quietMs * ++tries);
	console.log(`${outcome}, ${performance.now() - startedMs < 5000 ? 'works on' : 'worked late'}`);
}
await other.close();
await close();
