import type { Value } from '#src/sync/fields.ts';

/** Where a value stands: one field of one record on one side ('internal', or the name of a channel). */
export type Cell = { side: string; entity: string; id: string; field: string };

/** One edit by a person. Its value carries the number `token`, which nothing else in the schedule carries. */
export type Edit = Cell & {
	token: number;
	/** What the person saw there, and meant to replace; null where nothing stood. */
	parent: number | null;
	atMs: number;
};

/**
 * What people did: the edit log that the checkers read. Every text and number a person enters holds a token of its own,
 * whatever a channel makes of the rest of it (case, blanks, digits, mark-up).
 */
export type Ledger = ReturnType<typeof createLedger>;

export function createLedger() {
	const edits = new Map<number, Edit[]>();
	const parents = new Map<number, Set<number>>();
	const gone = new Set<number>();
	let last = 10;

	return {
		edits,
		gone,
		nextToken: (): number => (last += 1),
		add(edit: Edit): void {
			const known = edits.get(edit.token);
			if (known) known.push(edit);
			else edits.set(edit.token, [edit]);
			if (edit.parent === null || edit.parent === edit.token) return;
			const before = parents.get(edit.token) ?? new Set();
			parents.set(edit.token, before.add(edit.parent));
		},
		count: (): number => edits.size,
		ancestry,
		/** Whether a person put something else there that was made from this value. */
		editedFrom: (token: number, { side, entity, id, field }: Cell): boolean =>
			[...edits.values()].some((made) =>
				made.some(
					(edit) =>
						[edit.side, edit.entity, edit.id, edit.field].join() === [side, entity, id, field].join() &&
						edit.token !== token &&
						ancestry([edit.token]).has(token)
				)
			)
	};

	/** These tokens and all that they were made from. */
	function ancestry(tokens: Iterable<number>): Set<number> {
		const found = new Set<number>();
		const waiting = [...tokens];
		for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
			if (found.has(token)) continue;
			found.add(token);
			waiting.push(...(parents.get(token) ?? []));
		}
		return found;
	}
}

/** The token that a value carries, or null for none. */
export function tokenOf(value: Value | undefined): number | null {
	if (typeof value !== 'string') return null;
	const digits = /\d+/.exec(value)?.[0];
	return digits === undefined ? null : Number(digits);
}
