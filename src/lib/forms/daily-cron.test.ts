import { expect, test } from 'vitest';
import { cronOfDaily, dailyOfCron, isTimeOfDay } from './daily-cron.ts';

test.each([
	['06:30', 'all', '30 6 * * *'],
	['00:00', 'working', '0 0 * * 1-5'],
	['23:59', 'all', '59 23 * * *']
] as const)('%s on %s days is a cron expression and back', (at, days, cron) => {
	expect(cronOfDaily({ at, days })).toBe(cron);
	expect(dailyOfCron(cron)).toEqual({ at, days });
});

test.each(['*/5 * * * *', '0 6 1 * *', '60 6 * * *', '0 24 * * *', '0 6 * * 1', '0 6 * *', ''])(
	'a cron expression that says more stays one: %j',
	(cron) => expect(dailyOfCron(cron)).toBeNull()
);

test.each(['24:00', '6:30', '06:60', '', '06:30:00', 'noon'])('%j is no time of day', (text) =>
	expect(isTimeOfDay(text)).toBe(false)
);
