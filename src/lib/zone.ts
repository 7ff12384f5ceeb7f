/** Whether the name is an IANA time zone that this system knows. */
export function isZone(text: string): boolean {
	if (text === '') return false;
	try {
		new Intl.DateTimeFormat('en', { timeZone: text });
		return true;
	} catch {
		return false;
	}
}

/** The IANA time zone a cookie names; 'UTC' for one that does not exist. */
export function parseZone(text: string | undefined): string {
	return text !== undefined && isZone(text) ? text : 'UTC';
}
