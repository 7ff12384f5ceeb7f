import type { Value } from './fields.ts';

/** One automatic write of a field, confirmed (tries of the same write count once). */
export type AutomaticWrite = {
	/** When it was written, ms since 1970. */
	atMs: number;
	value: Value;
	/** Where it was written: 'internal', or one name for each channel. */
	side: string;
};

const windowMs = 600_000;
const returnsThatTell = { value: 3, switch: 6 };

/**
 * Whether automation keeps writing the same values to one field of one record in turn: on one side, within ten
 * minutes, more than three alternations (A, B, A, B, A), or the same value four times because something keeps undoing it.
 * A field that only ever gets new values does not oscillate, however often it is written. A switch has two values only:
 * people who flip it return to one with every flip, so it takes twice as many.
 */
export function oscillates(writes: readonly AutomaticWrite[], nowMs: number): boolean {
	const recent = writes.filter(({ atMs }) => nowMs - atMs <= windowMs).toSorted((one, other) => one.atMs - other.atMs);
	const seen = new Map<string, { values: Set<Value>; returns: number }>();
	for (const { side, value } of recent) {
		const state = seen.get(side) ?? { values: new Set(), returns: 0 };
		if (state.values.has(value)) state.returns += 1;
		state.values.add(value);
		seen.set(side, state);
		if (state.returns >= (typeof value === 'boolean' ? returnsThatTell.switch : returnsThatTell.value)) return true;
	}
	return false;
}
