/** Why a command of the kit did nothing, in a line for who typed it. */
export class KitError extends Error {
	override readonly name = 'KitError';
}
