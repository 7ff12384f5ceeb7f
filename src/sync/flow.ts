import type { FieldRule } from './decide.ts';
import { directionOf, directions, type ChannelEntityPolicy, type Direction } from './policy.ts';

const sends: readonly Direction[] = ['both', 'to-channel'];

/** Where the field may flow: a field that the channel does not let us write never goes there, one that is only sent never comes. */
export function flowOf(
	rule: Pick<FieldRule, 'name' | 'once' | 'latest' | 'readOnly'>,
	policy: Pick<ChannelEntityPolicy, 'fields'>
): Direction {
	if (rule.once) return 'off';
	const direction = directionOf(policy, rule.name);
	if (rule.latest) return rule.readOnly || !sends.includes(direction) ? 'off' : 'to-channel';
	if (!rule.readOnly || direction === 'off') return direction;
	return direction === 'to-channel' ? 'off' : 'from-channel';
}

/** The directions that a person can choose for a field: each one that it may flow in. */
export function waysOf({ latest, readOnly }: Pick<FieldRule, 'latest' | 'readOnly'>): readonly Direction[] {
	if (latest) return readOnly ? ['off'] : ['to-channel', 'off'];
	return readOnly ? ['from-channel', 'off'] : directions;
}
