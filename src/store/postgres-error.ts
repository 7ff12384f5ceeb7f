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

/** Nothing was done and the same transaction may succeed now: serialisation failure or deadlock victim. */
export function isRetryable(error: unknown): boolean {
	const state = sqlState(error);
	return state === '40001' || state === '40P01';
}
