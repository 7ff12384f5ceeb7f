import { formatInterval } from '#src/lib/format.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { Tone } from '#src/lib/ui/tone.ts';

/** How a channel, or one entity of it, stands against its schedule. */
export type Health =
	| 'copy'
	| 'paused'
	| 'unauthorized'
	| 'problem'
	| 'held'
	| 'failing'
	| 'late'
	| 'running'
	| 'new'
	| 'watching'
	| 'on-time'
	| 'none';

const looks: Record<Health, () => { word: string; tone: Tone }> = {
	copy: () => ({ word: m.channel_health_copy(), tone: 'bad' }),
	unauthorized: () => ({ word: m.channel_health_unauthorized(), tone: 'bad' }),
	problem: () => ({ word: m.channel_health_problem(), tone: 'bad' }),
	failing: () => ({ word: m.channel_health_failing(), tone: 'bad' }),
	held: () => ({ word: m.channel_health_held(), tone: 'warn' }),
	late: () => ({ word: m.channel_health_late(), tone: 'warn' }),
	paused: () => ({ word: m.channel_health_paused(), tone: 'idle' }),
	running: () => ({ word: m.channel_health_running(), tone: 'info' }),
	new: () => ({ word: m.channel_health_new(), tone: 'idle' }),
	watching: () => ({ word: m.channel_health_watching(), tone: 'info' }),
	'on-time': () => ({ word: m.channel_health_on_time(), tone: 'good' }),
	none: () => ({ word: m.channel_health_none(), tone: 'idle' })
};

export function healthLook(health: Health): { word: string; tone: Tone } {
	return looks[health]();
}

/** The gravest first: what a channel shows when its entities differ. */
export const healthOrder: readonly Health[] = [
	'copy',
	'unauthorized',
	'problem',
	'failing',
	'held',
	'late',
	'paused',
	'running',
	'new',
	'watching',
	'on-time',
	'none'
];

const rules: Record<string, (channel: string) => string> = {
	'newest-wins': () => m.rule_newest_wins(),
	'internal-wins': () => m.rule_internal_wins(),
	'external-wins': (channel) => m.rule_external_wins({ channel }),
	ask: () => m.rule_ask(),
	'fill-blanks': () => m.rule_fill_blanks()
};

/** A conflict or first-contact rule in words that name the channel. */
export function policyWords(rule: string, channel: string): string {
	return rules[rule]?.(channel) ?? rule;
}

const directions: Record<string, (channel: string) => string> = {
	both: () => m.direction_both(),
	'to-channel': (channel) => m.direction_to_channel({ channel }),
	'from-channel': (channel) => m.direction_from_channel({ channel }),
	off: () => m.direction_off()
};

/** The direction of a field in words that name the channel. */
export function directionWords(direction: string, channel: string): string {
	return directions[direction]?.(channel) ?? direction;
}

/** "Every 5 seconds", or the cron expression with its zone. */
export function scheduleWords(schedule: { everySeconds: number } | { cron: string; zone: string }): string {
	if ('everySeconds' in schedule) return m.schedule_every({ interval: formatInterval(schedule.everySeconds) });
	return m.schedule_cron(schedule);
}

const ruleMeanings: Record<string, (channel: string) => string> = {
	'newest-wins': (channel) => m.rule_newest_wins_means({ channel }),
	'internal-wins': (channel) => m.rule_internal_wins_means({ channel }),
	'external-wins': (channel) => m.rule_external_wins_means({ channel }),
	ask: () => m.rule_ask_means()
};

/** Each rule for a field that both sides changed, with what it means. */
export function rulesExplained(channel: string): [string, string][] {
	return Object.entries(ruleMeanings).map(([rule, means]) => [policyWords(rule, channel), means(channel)]);
}

/** Each rule for what differs when two records meet for the first time, with what it means. */
export function firstContactExplained(channel: string): [string, string][] {
	return [
		[policyWords('ask', channel), m.first_ask_means()],
		[policyWords('internal-wins', channel), m.first_internal_means({ channel })],
		[policyWords('external-wins', channel), m.first_external_means({ channel })],
		[policyWords('fill-blanks', channel), m.first_blanks_means()]
	];
}

/** Each way a field may flow, with what it means. */
export function directionsExplained(channel: string): [string, string][] {
	return [
		[directionWords('both', channel), m.direction_both_means()],
		[directionWords('to-channel', channel), m.direction_to_means({ channel })],
		[directionWords('from-channel', channel), m.direction_from_means({ channel })],
		[directionWords('off', channel), m.direction_off_means()]
	];
}
