// A transaction that waits for too long, in a process of its own: there the driver is loaded mended, as in production.
import { sql } from 'drizzle-orm';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '#src/db/client.ts';

const url = process.env['DATABASE_URL'] ?? '';
const frozen = connect(url, { max: 1, idleTransactionMs: 200 });
const other = connect(url, { max: 1 });
await other.db.execute(sql`create table locked as select 1 as id`);

const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
const { promise: isLocked, resolve: locked } = Promise.withResolvers<void>();
const outcome = frozen.db
	.transaction(async (tx) => {
		await tx.execute(sql`select 1 from locked for update`);
		locked();
		await woken;
		await tx.execute(sql`update locked set id = 2`);
	})
	.then(
		() => 'done',
		() => 'broken off'
	);
await isLocked;
// Waits for the row, which the server frees.
await other.db.execute(sql`update locked set id = 3`);
wake();
const [row] = await other.db.execute<{ id: number }>(sql`select id from locked`);
console.log(`${await outcome}, ${row?.id}`);
for (let tries = 0; tries < 50; tries++) {
	const works = await frozen.db.execute(sql`select 1`).then(
		() => true,
		() => false
	);
	if (works) {
		console.log('works on');
		break;
	}
	await sleep(100);
}
await frozen.close();
await other.close();
