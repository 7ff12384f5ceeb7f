/** Why a command about sources did nothing, in a line for who typed it. */
export class SourceError extends Error {
	override readonly name = 'SourceError';
}
