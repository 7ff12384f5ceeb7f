/** What to do about a problem, as it stands beside its message: without the channel's reply that the message is. */
export function hintBeside({ message, hint }: { message: string; hint: string }): string {
	return hint.replace(`: "${message}"`, '');
}

/** The same below its message, which may be the hint itself where the channel said nothing. */
export function hintBelow(problem: { message: string; hint: string }): string {
	return problem.hint === problem.message ? '' : hintBeside(problem);
}
