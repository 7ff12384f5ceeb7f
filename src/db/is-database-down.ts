/** What the drivers and the server say when no connection is to be had; 57P… = shutting down or starting. */
const codes = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'ENOTFOUND',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ETIMEDOUT',
	'EPIPE',
	'EAI_AGAIN',
	'CONNECT_TIMEOUT',
	'CONNECTION_CLOSED',
	'CONNECTION_ENDED',
	'CONNECTION_DESTROYED',
	'57P01',
	'57P02',
	'57P03',
	'08006',
	'08001',
	'53300',
	'3D000'
]);

/** What node-postgres says without a code. */
const words =
	/^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error)/;

/** Whether an error, or what caused it, means that the database cannot be reached. */
export function isDatabaseDown(problem: unknown): boolean {
	for (let cause = problem, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
		if ('code' in cause && typeof cause.code === 'string' && codes.has(cause.code)) return true;
		if (words.test(cause.message)) return true;
		if (cause instanceof AggregateError && cause.errors.some(isDatabaseDown)) return true;
	}
	return false;
}
