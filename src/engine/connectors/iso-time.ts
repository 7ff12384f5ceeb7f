/**
 * ISO 8601 text moved to UTC with the digits that it had, at most six: a time without a zone counts as UTC, whatever
 * zone this process runs in. Null for anything else, for days that no calendar has, and outside the years 1 to 9999.
 */
export function isoUtc(text: string): string | null {
	const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim());
	if (!match) return null;
	const [, day = '', time = '', fraction = '', zone = 'Z'] = match;
	const local = new Date(`${day}T${time}Z`);
	// The engine's own parser takes February 30 for March 2.
	if (Number.isNaN(local.getTime()) || local.toISOString().slice(0, 19) !== `${day}T${time}`) return null;
	const ms = Date.parse(`${day}T${time}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
	if (Number.isNaN(ms)) return null;
	const seconds = new Date(ms).toISOString().slice(0, 19);
	if (!/^(?!0000)\d{4}-/.test(seconds)) return null;
	return `${seconds}${fraction === '' ? '' : `.${fraction.slice(0, 6)}`}Z`;
}
