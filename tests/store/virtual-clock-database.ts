import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { connect, type Db } from '#src/db/client.ts';
import { migrate } from '#src/db/migrate.ts';
import { startThrowaway } from '../pg/throwaway-server.ts';

/** A migrated database that lives by a clock of ours. */
export type VirtualClockDatabase = {
	/** For further connections; `sim.now` has to be set on each before it asks for the time. */
	url: string;
	/** One connection: transactions take turns. */
	db: Db;
	/** Microseconds since 1970 that now() and clock_timestamp() say from here on; statements sent later see it, awaited or not. */
	setNowMicros(micros: bigint): Promise<void>;
	/** Empties every table, starts all counters at 1 and puts the installation there, as a new memory store has it. */
	reset(): Promise<void>;
	/** Drops the database, and ends the server if it was started for it. */
	close(): Promise<void>;
};

/**
 * Before pg_catalog in the search path, these are what unqualified calls mean: those of our statements and functions, and
 * those in column defaults, because the migrations run under the same path. Tables still go to the first schema, public.
 */
const clockFunctions = ['now', 'clock_timestamp', 'statement_timestamp', 'transaction_timestamp'];
const searchPath = 'public, sim, pg_catalog';

/**
 * Opens an empty database in which time stands still unless told otherwise.
 * @param serverUrl a PostgreSQL on which databases can be created (in vitest: `inject('templateUrl')`); if not given,
 * TEST_DATABASE_URL, or a throwaway server
 */
export async function openVirtualClockDatabase(
	serverUrl: string | undefined = process.env['TEST_DATABASE_URL']
): Promise<VirtualClockDatabase> {
	const server = serverUrl === undefined ? await startThrowaway() : { url: serverUrl, stop: async () => {} };
	const url = new URL(server.url);
	url.pathname = `/cm_clock_${randomBytes(4).toString('hex')}`;
	await createWithClock(server.url, url);
	await migrate(url.href);
	const { db, close } = connect(url.href, { max: 1, applicationName: 'virtual clock' });
	await db.execute(sql`select set_config('sim.now', '2026-01-01 00:00:00+00', false)`);
	const reset = async () => {
		await emptyTables(db);
		await db.execute(sql`
			insert into sync_installation (id, key, system_identifier, database_name, origin) values (1, 'simkey', '', '', 'default')`);
	};
	await reset();
	return {
		url: url.href,
		db,
		setNowMicros: async (micros) => {
			await db.execute(sql`select set_config('sim.now', ${timestampOf(micros)}, false)`);
		},
		reset,
		close: async () => {
			await close();
			await maintain(
				server.url,
				(client) => client`drop database if exists ${client(url.pathname.slice(1))} with (force)`
			);
			await server.stop();
		}
	};
}

/** The moment as PostgreSQL reads it, exact to the microsecond. */
export function timestampOf(micros: bigint): string {
	const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
	const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
	return `${seconds}.${String(fraction).padStart(6, '0')}+00`;
}

async function createWithClock(serverUrl: string, url: URL): Promise<void> {
	const name = url.pathname.slice(1);
	await maintain(serverUrl, async (client) => {
		await client`create database ${client(name)}`;
		await client.unsafe(`alter database "${name}" set search_path = ${searchPath}`);
	});
	const clock = clockFunctions.map(
		(each) => `create function sim.${each}() returns timestamptz language sql stable parallel safe
			as $$ select pg_catalog.current_setting('sim.now')::timestamptz $$;`
	);
	// The default is for the migration, whose connection sets no clock.
	await maintain(url.href, (client) =>
		client.unsafe(
			`create schema sim; ${clock.join('\n')} alter database "${name}" set sim.now = '2026-01-01 00:00:00+00';`
		)
	);
}

/** Emptied one by one and last, those that others point to: truncating one of them takes all of these along. */
const pointedAt = ['sync_bulk_job', 'sync_pasted_list', 'sync_run', 'auth_user', 'c_channel'];

/**
 * Of the tables (all but those that say what takes part, which belong to the schema) only what has pages is emptied: most
 * never had a row, and each costs some milliseconds. None keeps any, so that rows lie as in a new database.
 */
async function emptyTables(db: Db): Promise<void> {
	const rows = await db.execute<{ name: string }>(sql`
		select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
			and relname not in ('sync_entity', 'sync_reference') and pg_relation_size(oid) > 0`);
	const used = new Set(rows.map(({ name }) => name));
	const named = (names: readonly string[]) => sql.raw(names.map((name) => `"${name}"`).join(', '));
	const alone = [...used].filter((name) => !pointedAt.includes(name));
	if (alone.length > 0) await db.execute(sql`truncate ${named(alone)}`);
	const last = pointedAt.filter((name) => used.has(name));
	for (const name of last) await db.execute(sql`delete from ${named([name])}`);
	// What a delete set off by trigger.
	if (last.length > 0) await db.execute(sql`delete from sync_outbox`);
	if (last.length > 0) await db.execute(sql`vacuum (truncate) ${named([...last, 'sync_outbox'])}`);
	await db.execute(sql`
		select setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) from pg_sequences
		where schemaname = 'public' and last_value is not null`);
}

async function maintain(at: string, work: (client: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
	const client = postgres(at, { max: 1, onnotice: () => undefined });
	try {
		await work(client);
	} finally {
		await client.end();
	}
}
