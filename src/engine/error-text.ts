/** What went wrong, for the log: the words of the innermost cause. The driver's own message would repeat the statement with its values. */
export function errorText(error: unknown): string {
	let inner = error;
	for (let depth = 0; depth < 5 && inner instanceof Error && inner.cause !== undefined; depth++) inner = inner.cause;
	if (!(inner instanceof Error)) return String(inner);
	if (inner.message !== '') return inner.message;
	return inner instanceof AggregateError && inner.errors.length > 0 ? errorText(inner.errors[0]) : inner.name;
}

/** Where it went wrong: the lines of the stack below the message. */
export function errorPlace(error: unknown): string[] {
	const stack = error instanceof Error ? (error.stack ?? '') : '';
	return stack
		.split('\n')
		.filter((line) => /^\s+at /.test(line))
		.map((line) => line.trim());
}
