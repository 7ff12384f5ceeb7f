import { editedFields, type EditedField, type Side } from './edit-load.ts';
import { plain, storyOf, type ConflictRow, type Edit, type Evidence, type Violation } from './evidence.ts';

/**
 * I2, no silent loss: every value a person entered is
 *   - what the sides hold now, or
 *   - an ancestor of that: its author's successors saw it when they replaced it, or
 *   - the losing value of a conflict that operators can see, or an ancestor of one.
 *
 * Read from: each person's edit with the value that was there when they made it (ours written down in the transaction
 * of the edit, the ERP's by the ERP itself), the values both sides hold at the end, the list of conflicts.
 *
 * Since a conflict excuses a loss, it must be a real one: people edited that field on both sides. And I7: no side holds,
 * and the engine never wrote, a value that nobody entered.
 */
export function checkEdits(evidence: Evidence): Violation[] {
	const story = (sku: string, field: EditedField) => storyOf(evidence, sku, field);
	const current = currentValues(evidence);
	const byField = groupBy(evidence.edits, keyOf);
	const conflictsOf = groupBy(evidence.conflicts, keyOf);
	const violations: Violation[] = [];
	for (const [key, edits] of byField) {
		const [first] = edits;
		if (!first) continue;
		const { sku, field } = first;
		const lost = (conflictsOf.get(key) ?? []).flatMap(losersOf);
		const kept = ancestors([...(current.get(key) ?? []), ...lost], edits);
		for (const edit of edits) {
			if (kept.has(plain(edit.value))) continue;
			const what = `${sku}: "${edit.value}", entered into "${field}" (${edit.side}), is lost`;
			violations.push({ invariant: 'I2', what, evidence: { edit, ...story(sku, field) } });
		}
	}
	return [...violations, ...checkConflicts(evidence, byField), ...checkOrigins(evidence, byField, current)];
}

/** From these values back along what each of their authors saw. */
function ancestors(values: readonly (string | null)[], edits: readonly Edit[]): ReadonlySet<string> {
	const seenBy = new Map(edits.map((edit) => [plain(edit.value), plain(edit.seen)]));
	const found = new Set<string>();
	for (let value of values.map(plain)) {
		while (!found.has(value)) {
			found.add(value);
			value = seenBy.get(value) ?? value;
		}
	}
	return found;
}

function losersOf({ state, winner, internal, external }: ConflictRow): (string | null)[] {
	if (state !== 'settled' && state !== 'resolved') return [];
	return winner === 'internal' ? [external] : winner === 'external' ? [internal] : [];
}

function checkConflicts(evidence: Evidence, byField: ReadonlyMap<string, Edit[]>): Violation[] {
	return evidence.conflicts.flatMap((row) => {
		const edits = byField.get(keyOf(row)) ?? [];
		const entered = (side: Side, value: string | null) =>
			edits.some((edit) => edit.side === side && plain(edit.value) === plain(value));
		if (entered('internal', row.internal) && entered('external', row.external)) return [];
		const what = `${row.sku}: a conflict on "${row.field}" without an edit on each side`;
		return [{ invariant: 'I2', what, evidence: { row, ...storyOf(evidence, row.sku, row.field as EditedField) } }];
	});
}

function checkOrigins(
	evidence: Evidence,
	byField: ReadonlyMap<string, Edit[]>,
	current: ReadonlyMap<string, string[]>
): Violation[] {
	const wrong = (sku: string, field: EditedField, value: unknown, where: string): Violation => ({
		invariant: 'I7',
		what: `${sku}: ${where} "${plain(value)}" in "${field}", which nobody entered`,
		evidence: storyOf(evidence, sku, field)
	});
	const authored = (sku: string, field: EditedField, value: unknown) => {
		const edits = byField.get(keyOf({ sku, field })) ?? [];
		return edits.some((edit) => [edit.value, edit.seen].some((known) => plain(known) === plain(value)));
	};
	const held = [...byField.values()].flatMap(([first]) => {
		if (!first) return [];
		const { sku, field } = first;
		const strange = (current.get(keyOf(first)) ?? []).filter((value) => !authored(sku, field, value));
		return strange.map((value) => wrong(sku, field, value, 'a side holds'));
	});
	const written = evidence.erpHistory.flatMap(({ by, before, after }) => {
		if (by === 'person' || before === null || after === null) return [];
		const sku = String(after['sku']);
		return editedFields
			.filter((field) => plain(before[field]) !== plain(after[field]) && !authored(sku, field, after[field]))
			.map((field) => wrong(sku, field, after[field], 'the engine wrote'));
	});
	return [...held, ...written];
}

/** What the two sides hold at the end, by record and field. */
function currentValues({ ourProducts, erpProducts }: Evidence): Map<string, string[]> {
	const values = new Map<string, string[]>();
	const add = (sku: string, record: Readonly<Record<EditedField, string | null>>) => {
		for (const field of editedFields) {
			const key = keyOf({ sku, field });
			values.set(key, [...(values.get(key) ?? []), plain(record[field])]);
		}
	};
	for (const record of ourProducts) add(record.value, record);
	for (const record of erpProducts) add(record.sku, record);
	return values;
}

function keyOf({ sku, field }: { sku: string; field: string }): string {
	return `${sku} ${field}`;
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
	const groups = new Map<string, Item[]>();
	for (const item of items) {
		const group = groups.get(key(item));
		if (group) group.push(item);
		else groups.set(key(item), [item]);
	}
	return groups;
}
