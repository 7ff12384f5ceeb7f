const locale = 'en-GB';

// Making a formatter costs a hundred times what using it does, and a page shows hundreds of times.
const dateTimes = new Map<string, Intl.DateTimeFormat>();
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
const counts = new Intl.NumberFormat(locale);

/** "28 Nov 2026, 15:04", with the zone where `withZone`. `iso` is ISO 8601 text, `zone` a known time zone. */
export function formatDateTime(iso: string, zone: string, withZone = false): string {
	const key = `${zone} ${withZone}`;
	const format = dateTimes.get(key) ?? dateTimeFormat(zone, withZone);
	dateTimes.set(key, format);
	return format.format(new Date(iso));
}

function dateTimeFormat(zone: string, withZone: boolean): Intl.DateTimeFormat {
	return new Intl.DateTimeFormat(locale, {
		timeZone: zone,
		day: 'numeric',
		month: 'short',
		year: 'numeric',
		hour: '2-digit',
		minute: '2-digit',
		second: '2-digit',
		...(withZone ? { timeZoneName: 'short' } : {})
	});
}

const steps: [limitSeconds: number, unitSeconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
	[60, 1, 'second'],
	[60 * 60, 60, 'minute'],
	[24 * 60 * 60, 60 * 60, 'hour'],
	[30 * 24 * 60 * 60, 24 * 60 * 60, 'day'],
	[365 * 24 * 60 * 60, 30 * 24 * 60 * 60, 'month'],
	[Infinity, 365 * 24 * 60 * 60, 'year']
];

/** "5 minutes ago", "in 3 seconds", "now"; `nowMs` in milliseconds since 1970. */
export function formatRelative(iso: string, nowMs: number): string {
	const seconds = (Date.parse(iso) - nowMs) / 1000;
	const size = Math.abs(seconds);
	const step = steps.find(([limit]) => size < limit);
	if (!step || size < 5) return 'just now';
	return relative.format(Math.round(seconds / step[1]), step[2]);
}

/** "1,234" */
export function formatCount(count: number): string {
	return counts.format(count);
}

/** "230 ms", "4.2 s", "3 min 5 s", "2 h 4 min" */
export function formatDuration(durationMs: number): string {
	const seconds = durationMs / 1000;
	if (seconds < 1) return `${Math.max(0, Math.round(durationMs))} ms`;
	if (seconds < 60) return `${seconds.toFixed(1)} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "45 s", "25 min", "24 h 1 min": an upper bound, rounded up so that it stays one. */
export function formatBound(durationMs: number): string {
	const seconds = Math.ceil(durationMs / 1000);
	if (seconds < 120) return `${seconds} s`;
	const minutes = Math.ceil(seconds / 60);
	if (minutes < 120) return `${minutes} min`;
	const rest = minutes % 60;
	return `${formatCount(Math.floor(minutes / 60))} h${rest === 0 ? '' : ` ${rest} min`}`;
}

/** "5 seconds", "2 minutes", "1 hour": an interval in its largest whole unit. */
export function formatInterval(seconds: number): string {
	const [count, unit] =
		seconds % 3600 === 0
			? [seconds / 3600, 'hour']
			: seconds % 60 === 0
				? [seconds / 60, 'minute']
				: [seconds, 'second'];
	return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
