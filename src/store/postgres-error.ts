import { errorCode } from '#src/db/create-database.ts';

/** PostgreSQL's error code of whatever was thrown through drizzle; null for anything else. */
export function sqlState(error: unknown): string | null {
	for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
		if ('code' in cause && typeof cause.code === 'string' && /^[0-9A-Z]{5}$/.test(cause.code)) return cause.code;
	}
	return null;
}

/** A unique key is taken. */
export function isUniqueViolation(error: unknown): boolean {
	return sqlState(error) === '23505';
}

/**
 * The values themselves cannot be stored: not by this statement, nor by any other try. Null for other errors. P0001 is what a
 * function or trigger raises that refuses a value: of an application, where it keeps our records.
 */
export function refusedValue(error: unknown): 'too-large' | 'taken' | 'not-storable' | null {
	const state = sqlState(error) ?? '';
	if (state === '23505') return 'taken';
	if (state === '22003' || state === '54000') return 'too-large';
	return /^2[23]/.test(state) || state === 'P0001' ? 'not-storable' : null;
}

/** What the database said of values that it refused, in a line; null for other errors. */
export function refusalWords(error: unknown): string | null {
	if (refusedValue(error) === null) return null;
	for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
		if ('code' in cause) return cause.message.slice(0, 500);
	return null;
}

/** Nothing was done and the same transaction may succeed now: serialisation failure or deadlock victim. */
export function isRetryable(error: unknown): boolean {
	const state = sqlState(error);
	return state === '40001' || state === '40P01';
}

/**
 * Classes of SQLSTATE for a connection that broke (08), a server that shuts down (57P) and one that is out of room (53),
 * and that of a transaction that waited for its next statement for too long.
 */
const awayStates = /^(08|53|57P|25P03)/;
/** How the driver and the system name a connection that is not there any more. */
const awayCodes = /^(CONNECT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/;

/**
 * The database, not our code, broke a transaction off: it is away, out of room, or gave precedence to others for too long.
 * Whether the transaction was committed is not known.
 */
export function isDatabaseTrouble(error: unknown): boolean {
	const code = errorCode(error);
	return awayStates.test(code) || awayCodes.test(code) || isRetryable(error);
}
