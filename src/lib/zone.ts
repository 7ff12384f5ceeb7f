/** The IANA time zone a cookie or form names; 'UTC' for one that does not exist. */
export function parseZone(text: string | undefined): string {
	if (!text) return 'UTC';
	try {
		return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
	} catch {
		return 'UTC';
	}
}
