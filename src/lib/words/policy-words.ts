import { m } from '#src/lib/paraglide/messages.js';

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
