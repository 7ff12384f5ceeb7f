/**
 * Whether this uncaught exception is the one that Node's fetch throws where no caller can catch it: a server ended the
 * connection while a part of its answer waited to be read (nodejs/undici#5360; in every Node 24 so far). Nothing is
 * wrong with the process then, and the call that is concerned ends by its own deadline.
 */
export function isFetchCrash(error: unknown): boolean {
	if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_ASSERTION') return false;
	return /^\s+at Parser\.finish \(.*undici/m.test(error.stack ?? '');
}
