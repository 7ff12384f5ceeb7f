export type Daily = { at: string; days: 'all' | 'working' };

/** The cron expression of "once a day at this time"; `at` is HH:MM. */
export function cronOfDaily({ at, days }: Daily): string {
	const [hour = '0', minute = '0'] = at.split(':');
	return `${Number(minute)} ${Number(hour)} * * ${days === 'working' ? '1-5' : '*'}`;
}

/** The other way round; null for a cron expression that says more. */
export function dailyOfCron(cron: string): Daily | null {
	const match = /^(\d{1,2}) (\d{1,2}) \* \* (\*|1-5)$/.exec(cron.trim());
	if (!match) return null;
	const [, minute = '', hour = '', days] = match;
	if (Number(minute) > 59 || Number(hour) > 23) return null;
	return { at: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`, days: days === '1-5' ? 'working' : 'all' };
}

/** Whether a text is a time of day, HH:MM. */
export function isTimeOfDay(text: string): boolean {
	return /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
}
