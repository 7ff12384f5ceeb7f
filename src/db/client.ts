import type { PgDatabase } from 'drizzle-orm/pg-core';
import type { PostgresJsDatabase, PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import { drizzle, postgres } from './postgres-js.ts';

/** A database with a pool of connections behind it. */
export type Db = PostgresJsDatabase & { $client: Sql };

/** What runs SQL: a `Db` or the transaction that `db.transaction` hands out. */
export type Transaction = PgDatabase<PostgresJsQueryResultHKT>;

export type Connection = {
	db: Db;
	/** Lets running queries finish (at most 5 s), then closes every connection. Safe to call twice. */
	close(): Promise<void>;
};

export type ConnectOptions = {
	/** Connections at most; 10 if not given. */
	max?: number;
	/**
	 * The server ends a session whose transaction waits this long for its next statement, so that a process that was
	 * frozen or lost its network keeps nobody from the rows it locked. Never, if not given.
	 */
	idleTransactionMs?: number;
	/** How the connections call themselves in `pg_stat_activity`. */
	applicationName?: string;
};

const closeTimeoutSeconds = 5;
const longestBackoffSeconds = 2;

/**
 * Opens a pool on `url`; connections are made when first needed, and again after the server was gone.
 * Sessions are in UTC and timestamps arrive as PostgreSQL's own text, microseconds included. The caller closes it.
 */
export function connect(url: string, options: ConnectOptions = {}): Connection {
	const client = postgres(url, {
		max: options.max ?? 10,
		connect_timeout: 10,
		idle_timeout: 60,
		backoff: (retries) => Math.min(longestBackoffSeconds, 0.05 * 2 ** retries),
		onnotice: () => undefined,
		connection: {
			TimeZone: 'UTC',
			// As on the embedded server: statements of ours are short, and a limit makes the planner think them long.
			jit: 'off',
			application_name: options.applicationName ?? 'channel-mapping',
			idle_in_transaction_session_timeout: options.idleTransactionMs ?? 0
		}
	});
	return {
		db: drizzle(client),
		close: () => client.end({ timeout: closeTimeoutSeconds })
	};
}
