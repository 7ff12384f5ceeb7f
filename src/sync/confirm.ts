import type { ExternalSide, FieldRule, Flow } from './decide.ts';
import { canonical, type FieldType, type Value } from './fields.ts';
import { conflictRuleOf, type ChannelEntityPolicy, type Direction } from './policy.ts';

/** Whether a change of the channel's is taken only once a person confirmed it. A channel whose values always win needs none. */
export function needsConfirming({ name, confirm }: FieldRule, policy: ChannelEntityPolicy): boolean {
	return confirm === true && conflictRuleOf(policy, name) !== 'external-wins';
}

const mark = 'confirmed: ';

/** The external base of a field once a person confirmed this value of the channel: it differs from every value there is. */
export function confirmedBase(type: FieldType, value: Value): string {
	return `${mark}${JSON.stringify(canonical(type, value))}`;
}

/** Whether an external base is such a mark, and no value that the channel held. */
export function isConfirmedBase(base: Value | undefined): boolean {
	return typeof base === 'string' && base.startsWith(mark);
}

/** What becomes of a field that changed, on `ours` or `theirs` side or both, where a person confirms what the channel changed. */
export function confirmation(at: {
	rule: FieldRule;
	external: ExternalSide;
	base: { external: Value | undefined };
	ours: boolean;
	theirs: boolean;
	direction: Direction;
}): Flow {
	const { rule, ours, theirs, direction } = at;
	if (!theirs && direction === 'both') return { competing: false, verdict: 'push', rule: 'changed-internal' };
	if (!theirs) return { competing: false, verdict: 'keep', rule: 'ours-stays' };
	const now = at.external.fields[rule.name] ?? null;
	// Another value than the one that was confirmed is asked about again.
	const isConfirmed = at.base.external === confirmedBase(rule.type, now);
	if (isConfirmed && !ours) return { competing: false, verdict: 'pull', rule: 'confirmed' };
	return { competing: true, winner: null, rule: 'ask: confirm' };
}
