import { advisoryLocks } from './advisory-locks.ts';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import { connect, type Db } from './client.ts';
import { createDatabaseIfMissing, databaseName, errorCode } from './create-database.ts';
import { DatabaseError } from './database-error.ts';

const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url));
const oldestServerVersion = 150_000;

/**
 * Brings the database at `url` to the newest schema, creating the database itself where the server allows it.
 * All missing migrations apply in one transaction; processes that start at the same time take turns.
 * @throws DatabaseError
 */
export async function migrate(url: string): Promise<void> {
	await createDatabaseIfMissing(url);
	const { db, close } = connect(url, { max: 1, applicationName: 'channel-mapping migrate' });
	try {
		await requireSupportedServer(db);
		await db.execute(sql`select pg_advisory_lock(${advisoryLocks.migration})`);
		await applyMigrations(db, { migrationsFolder });
	} catch (error) {
		throw error instanceof DatabaseError ? error : migrationError(url, error);
	} finally {
		await close();
	}
}

async function requireSupportedServer(db: Db): Promise<void> {
	const [row] = await db.execute<{ number: string; text: string }>(
		sql`select current_setting('server_version_num') as number, current_setting('server_version') as text`
	);
	if (row && Number(row.number) >= oldestServerVersion) return;
	const message = `the database server is PostgreSQL ${row?.text}, this product needs 15 or newer`;
	throw new DatabaseError('unsupported-server', message, 'upgrade the server, or set DATABASE_URL to a newer one');
}

/** Drizzle's message is the whole SQL text; the cause says in a line what PostgreSQL had against it. */
function migrationError(url: string, error: unknown): DatabaseError {
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	const detail = cause instanceof Error ? cause.message : String(cause);
	// 42809: a view stands where a table of ours would be changed.
	const hint =
		errorCode(error) === '42809'
			? 'nothing was changed; take back the plans of "npm run source" first (docs/source.md, Upgrades)'
			: 'nothing was changed; the user needs the right to create schemas and tables in this database';
	return new DatabaseError('migration-failed', `migrating "${databaseName(url)}" failed: ${detail}`, hint, error);
}
