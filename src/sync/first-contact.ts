import type { ExternalSide, FieldRule, Flow, InternalSide } from './decide.ts';
import { canonical } from './fields.ts';
import { firstContactOf, type ChannelEntityPolicy, type Direction } from './policy.ts';

/** Two records meet for the first time, or again after a change of the field table, and differ in a field. */
export type FirstMeeting = {
	rule: FieldRule;
	policy: ChannelEntityPolicy;
	internal: InternalSide;
	external: ExternalSide;
	/** Where the field may flow. */
	direction: Direction;
};

/** What becomes of a field on which two sides differ that never agreed: nothing is overwritten that nobody allowed. */
export function firstContact({ rule, policy, internal, external, direction }: FirstMeeting): Flow {
	const chosen = firstContactOf(policy, rule.name);
	const ours = canonical(rule.type, internal.fields[rule.name] ?? null);
	const theirs = canonical(rule.type, external.fields[rule.name] ?? null);
	const blank = ours === null ? 'external' : theirs === null ? 'internal' : null;
	let winner: 'internal' | 'external' | null = null;
	if (chosen === 'internal-wins') winner = 'internal';
	if (chosen === 'external-wins') winner = 'external';
	if (chosen === 'fill-blanks') winner = blank;
	if (winner === 'internal' && direction === 'from-channel') winner = null;
	if (winner === 'external' && direction === 'to-channel') winner = null;
	if (winner !== null && winner === blank) {
		return { competing: false, verdict: winner === 'internal' ? 'push' : 'pull', rule: 'first-contact: fill-blanks' };
	}
	return { competing: true, winner, rule: `first-contact: ${winner === null ? 'ask' : chosen}` };
}
