/** Why a text of a channel cannot be kept by us as it is, or null: PostgreSQL stores neither of these. */
export function unstorable(text: string): string | null {
	if (!text.isWellFormed()) return 'it holds half a character';
	return text.includes('\u0000') ? 'it holds a NUL character' : null;
}

/** Whether an identifier of a channel (id, reference, place in a listing) can be stored and compared. */
export function isIdentifier(text: string, maxLength: number): boolean {
	return text !== '' && text.length <= maxLength && text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/** The beginning of a text, for people: at most `maxLength` characters, no half ones, nothing that cannot be stored. */
export function beginning(text: string, maxLength: number): string {
	return text
		.slice(0, maxLength)
		.replace(/[\ud800-\udbff]$/, '')
		.replaceAll('\u0000', '')
		.toWellFormed();
}
