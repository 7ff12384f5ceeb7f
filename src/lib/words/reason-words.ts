import { m } from '../paraglide/messages.js';
import { proposal } from './proposal.ts';

/** Why one field goes where it goes, as the decision reports it. */
export type Reason = { verdict: string; rule: string; internalChange?: string; externalChange?: string };

/** One line that tells where a field goes and why, naming the channel. */
export function reasonWords(reason: Reason, channel: string): string {
	switch (reason.verdict) {
		case 'agree':
			return m.reason_agree();
		case 'keep':
			return reason.rule === 'unchanged' ? m.reason_keep() : ruleWords(reason.rule, channel);
		case 'push':
			return reason.rule === 'changed-internal' ? m.reason_push({ channel }) : won('internal', reason.rule, channel);
		case 'pull':
			return reason.rule === 'changed-external' ? m.reason_pull({ channel }) : won('external', reason.rule, channel);
		default:
			return ruleWords(reason.rule, channel);
	}
}

/** Where a field goes: nowhere, to the channel, to us, or to a person. */
export function verdictWords(verdict: string, channel: string): string {
	if (verdict === 'push') return m.verdict_push({ channel });
	if (verdict === 'pull') return m.verdict_pull({ channel });
	if (verdict === 'conflict') return m.verdict_conflict();
	if (verdict === 'await') return m.verdict_await();
	return m.verdict_none();
}

/** A rule of the decision as a sentence. */
export function ruleWords(rule: string, channel: string): string {
	return rules[rule]?.(channel) ?? m.rule_other({ rule });
}

const rules: Readonly<Record<string, (channel: string) => string>> = {
	equal: () => m.reason_agree(),
	unchanged: () => m.reason_keep(),
	'changed-internal': (channel) => m.rule_changed_internal({ channel }),
	'changed-external': (channel) => m.rule_changed_external({ channel }),
	'newest-wins': () => m.rule_newest(),
	'late-stamp': (channel) => m.rule_late({ channel }),
	latest: (channel) => m.rule_latest({ channel }),
	'key-waits': () => m.rule_key_waits(),
	'carried-elsewhere': (channel) => m.rule_carried_elsewhere({ channel }),
	'internal-wins': () => m.rule_internal(),
	'external-wins': (channel) => m.rule_external({ channel }),
	'value-not-mapped': () => m.reason_unmapped(),
	'reference-not-linked': (channel) => m.reason_await({ channel }),
	'create-internal': () => m.rule_created(),
	'create-external': () => m.rule_created(),
	direction: () => m.rule_direction(),
	person: () => m.rule_person(),
	confirmed: (channel) => m.rule_confirmed({ channel }),
	'ours-stays': (channel) => m.rule_ours_stays({ channel }),
	'ask: confirm': (channel) => m.rule_ask_confirm({ channel }),
	'ask: policy': () => m.rule_ask_policy(),
	'ask: value-unconfirmed': (channel) => m.rule_ask_unconfirmed({ channel }),
	'ask: older-than-agreed': (channel) => m.rule_ask_older({ channel }),
	'ask: no-stamp': (channel) => m.rule_ask_no_stamp({ channel }),
	'ask: stamp-not-moved': (channel) => m.rule_ask_not_moved({ channel }),
	'ask: stamp-does-not-cover-field': (channel) => m.rule_ask_not_covered({ channel }),
	'ask: clock-not-measured': (channel) => m.rule_ask_clock({ channel }),
	'ask: too-close': () => m.rule_ask_close(),
	[proposal]: (channel) => m.rule_ask_kept_elsewhere({ channel }),
	'first-contact: ask': () => m.rule_first_ask(),
	'first-contact: internal-wins': () => m.rule_first_internal(),
	'first-contact: external-wins': (channel) => m.rule_first_external({ channel }),
	'first-contact: fill-blanks': () => m.rule_first_blanks()
};

function won(side: 'internal' | 'external', rule: string, channel: string): string {
	const why = ruleWords(rule, channel);
	return side === 'internal' ? m.reason_won_here({ channel, why }) : m.reason_won_there({ channel, why });
}
