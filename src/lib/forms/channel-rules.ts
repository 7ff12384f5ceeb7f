import { z } from 'zod';
import { isTimeOfDay } from './daily-cron.ts';
import { m } from '#src/lib/paraglide/messages.js';

const shortestSeconds = 5;
const longestSeconds = 24 * 60 * 60;

/** How one entity of a channel is synced. The rules of single fields come beside it, see `fieldRules`. */
export const channelRulesForm = z
	.object({
		settingsRev: z.number().int(),
		conflict: z.enum(['newest-wins', 'internal-wins', 'external-wins', 'ask']),
		firstContact: z.enum(['ask', 'internal-wins', 'external-wins', 'fill-blanks']),
		autoCreateExternal: z.boolean(),
		autoCreateInternal: z.boolean(),
		allowSecondary: z.boolean(),
		scheduleKind: z.enum(['interval', 'daily', 'cron']),
		/** HH:MM, for once a day. */
		at: z.string().trim().max(8).default(''),
		days: z.enum(['all', 'working']).default('all'),
		everySeconds: z
			.number()
			.int()
			.min(shortestSeconds, { error: () => m.rules_interval_range() })
			.max(longestSeconds, { error: () => m.rules_interval_range() }),
		cron: z.string().trim().max(120),
		zone: z.string().trim().max(64)
	})
	.refine((form) => form.scheduleKind !== 'daily' || isTimeOfDay(form.at), {
		path: ['at'],
		error: () => m.rules_daily_missing()
	})
	.refine((form) => form.scheduleKind !== 'cron' || form.cron !== '', {
		path: ['cron'],
		error: () => m.rules_cron_missing()
	});

export type ChannelRulesForm = z.output<typeof channelRulesForm>;

const direction = z.enum(['both', 'to-channel', 'from-channel', 'off']);
const fieldConflict = z.enum(['', 'newest-wins', 'internal-wins', 'external-wins', 'ask']);

export type FieldRules = Record<
	string,
	{ direction?: z.output<typeof direction>; conflict?: Exclude<z.output<typeof fieldConflict>, ''> }
>;

/** Reads `direction.NAME` and `conflict.NAME` of each field; what equals the default is left out, what is malformed too. */
export function fieldRules(data: FormData, fields: readonly string[]): FieldRules {
	const rules: FieldRules = {};
	for (const field of fields) {
		const way = direction.safeParse(data.get(`direction.${field}`)).data;
		const conflict = fieldConflict.safeParse(data.get(`conflict.${field}`)).data;
		const rule = { ...(way && way !== 'both' ? { direction: way } : {}), ...(conflict ? { conflict } : {}) };
		if (Object.keys(rule).length > 0) rules[field] = rule;
	}
	return rules;
}
