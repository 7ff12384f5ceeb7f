import { sql } from 'drizzle-orm';
import type postgres from 'postgres';
import type { Db } from '#src/db/client.ts';

type Run = (query: string, parameters?: never[], options?: postgres.UnsafeQueryOptions) => PromiseLike<unknown>;
type Work = (inner: postgres.TransactionSql) => Promise<unknown>;

/** Makes a database plan each statement once a connection: a schedule sends the same few hundred again and again. */
export async function prepareStatements(db: Db): Promise<void> {
	const prepared = (run: Run): Run => {
		return (query, parameters = [], options = {}) => run(query, parameters, { prepare: !/^(begin|commit|rollback|savepoint|truncate)/i.test(query), ...options });
	};
	const { $client: client } = db;
	const begin = client.begin.bind(client) as (work: Work) => Promise<unknown>;
	Object.assign(client, {
		unsafe: prepared(client.unsafe.bind(client) as Run),
		begin: (work: Work) =>
			begin((inner) => {
				Object.assign(inner, { unsafe: prepared(inner.unsafe.bind(inner) as Run) });
				return work(inner);
			})
	});
	await db.execute(sql`set plan_cache_mode = force_generic_plan`);
}
