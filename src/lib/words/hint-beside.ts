/** What to do about a problem, as it stands beside its message: without the channel's reply that the message is. */
export function hintBeside({ message, hint }: { message: string; hint: string }): string {
	return hint.replace(`: "${message}"`, '');
}
