import { sql } from 'drizzle-orm';
import type postgres from 'postgres';
import { connect, type Db } from '#src/db/client.ts';

/** One connection whose work can be stopped between two statements, the one before a commit included. */
export type GatedConnection = {
	db: Db;
	/** Of its server process. */
	pid: number;
	/** Stops what is started next once it has completed so many statements. */
	holdAfter(statements: number): Held;
	/** Completed since the last `holdAfter`. */
	completed(): number;
	close(): Promise<void>;
};

export type Held = { reached: Promise<void>; release(): void };

type Run = (query: string, parameters?: never[], options?: postgres.UnsafeQueryOptions) => PromiseLike<unknown>;

/** Opens a connection that lives at `now` (PostgreSQL text) by the virtual clock. */
export async function openGatedConnection(url: string, now: string, applicationName: string): Promise<GatedConnection> {
	const { db, close } = connect(url, { max: 1, applicationName });
	const [row] = await db.execute<{ pid: number }>(
		sql`select pg_backend_pid() as pid, set_config('sim.now', ${now}, false)`
	);
	let completed = 0;
	let gate: { after: number; reach(): void; open: Promise<void> } | null = null;

	const pass = async () => {
		if (gate === null || completed !== gate.after) return;
		gate.reach();
		await gate.open;
	};
	const gated = (run: Run): Run => {
		const passing: Run = async (query, parameters, options) => {
			await pass();
			const rows = await run(query, parameters, options);
			completed++;
			return rows;
		};
		// The driver itself begins transactions by the method that is replaced here.
		return (query, ...more) => (query.startsWith('begin ') ? run : passing)(query, ...more);
	};
	const client = db.$client;
	const begin = client.begin.bind(client) as (
		work: (inner: postgres.TransactionSql) => Promise<unknown>
	) => Promise<unknown>;
	Object.assign(client, {
		unsafe: gated(client.unsafe.bind(client) as Run),
		begin: (work: (inner: postgres.TransactionSql) => Promise<unknown>) =>
			begin(async (inner) => {
				Object.assign(inner, { unsafe: gated(inner.unsafe.bind(inner) as Run) });
				const result = await work(inner);
				await pass();
				return result;
			})
	});
	return {
		db,
		pid: row?.pid ?? 0,
		holdAfter: (statements) => {
			completed = 0;
			const reached = Promise.withResolvers<void>();
			const open = Promise.withResolvers<void>();
			gate = { after: statements, reach: reached.resolve, open: open.promise };
			return {
				reached: reached.promise,
				release: () => {
					gate = null;
					open.resolve();
				}
			};
		},
		completed: () => completed,
		close
	};
}
