import { canonical, type FieldType, type Value } from './fields.ts';

/** How one side of a field moved since the base. */
export type Change = 'unchanged' | 'created' | 'updated' | 'deleted';

/** `base` undefined = never agreed on: whatever is there now counts as created. */
export function changeOf(type: FieldType, base: Value | undefined, now: Value): Change {
	if (base === undefined) return 'created';
	const before = canonical(type, base);
	const after = canonical(type, now);
	if (before === after) return 'unchanged';
	if (after === null) return 'deleted';
	return before === null ? 'created' : 'updated';
}
