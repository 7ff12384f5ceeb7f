/** Something the person at the keyboard can put right; the message is all they need to see. */
export class LaunchError extends Error {
	override name = 'LaunchError';
}
