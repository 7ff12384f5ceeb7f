import { Cron } from 'croner';
import { z } from 'zod';

const dayS = 86_400;

/** Every 5 s to 1 day, or a cron expression with minutes as its finest step in a known time zone. */
export const scheduleRules = z.union(
	[
		z.strictObject({ everySeconds: z.number().int().min(5).max(dayS) }),
		z.strictObject({ cron: z.string().max(200), zone: z.string().max(80) }).refine(isSchedule)
	],
	'must be every 5 to 86400 seconds, or a cron expression (minute hour day month weekday) and a time zone'
);

function isSchedule({ cron, zone }: { cron: string; zone: string }): boolean {
	if (cron.trim().split(/\s+/).length !== 5) return false;
	try {
		return new Cron(cron, { timezone: zone, paused: true }).nextRun() !== null;
	} catch {
		return false;
	}
}
