import { postgres } from './postgres-js.ts';
import { DatabaseError } from './database-error.ts';

const missingDatabase = '3D000';
const duplicateDatabase = '42P04';
const uniqueViolation = '23505';
const insufficientPrivilege = '42501';

/**
 * Makes sure that the database `url` names exists, and creates it where the server lets us. Safe to run twice at once.
 * @throws DatabaseError `unreachable` or `forbidden`
 */
export async function createDatabaseIfMissing(url: string): Promise<void> {
	if ((await probe(url)) === 'present') return;
	const name = databaseName(url);
	const maintenance = new URL(url);
	maintenance.pathname = '/postgres';
	const sql = postgres(maintenance.href, { max: 1, connect_timeout: 10, onnotice: () => undefined });
	try {
		await sql`create database ${sql(name)}`;
	} catch (error) {
		if (![duplicateDatabase, uniqueViolation].includes(errorCode(error))) throw creationError(name, error);
	} finally {
		await sql.end();
	}
}

/** The name of the database in a connection URL; PostgreSQL's own default is the user's name. */
export function databaseName(url: string): string {
	const parsed = new URL(url);
	return decodeURIComponent(parsed.pathname.slice(1) || parsed.username);
}

/** The SQLSTATE or system error code of `error`, '' if it has none. */
export function errorCode(error: unknown): string {
	if (error === null || typeof error !== 'object') return '';
	if ('code' in error && typeof error.code === 'string') return error.code;
	return 'cause' in error ? errorCode(error.cause) : '';
}

async function probe(url: string): Promise<'present' | 'missing'> {
	const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => undefined });
	try {
		await sql`select 1`;
		return 'present';
	} catch (error) {
		if (errorCode(error) === missingDatabase) return 'missing';
		throw connectionError(url, error);
	} finally {
		await sql.end();
	}
}

function connectionError(url: string, error: unknown): DatabaseError {
	const { host, username } = new URL(url);
	const code = errorCode(error);
	if (code.startsWith('28')) {
		const message = `the database server at ${host} refused the user "${decodeURIComponent(username)}"`;
		return new DatabaseError('forbidden', message, 'check user and password in DATABASE_URL', error);
	}
	const message = `no database server answers at ${host} (${code || String(error)})`;
	return new DatabaseError('unreachable', message, 'start it, or correct DATABASE_URL', error);
}

function creationError(name: string, error: unknown): DatabaseError {
	const reason = errorCode(error) === insufficientPrivilege ? 'the user may not create it' : String(error);
	const hint = `run: create database "${name}"`;
	return new DatabaseError('forbidden', `the database "${name}" does not exist and ${reason}`, hint, error);
}
