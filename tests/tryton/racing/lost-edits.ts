import { canonical, type Value } from '#src/sync/fields.ts';

export type Side = 'internal' | 'external';

/** One committed change of one field of one record, as the side's own database tells it. */
export type Change = {
	side: Side;
	/** Our product's id, or the template's id in Tryton. */
	record: string;
	field: string;
	before: Value;
	after: Value;
	/** The record came into being with this value. */
	created: boolean;
	by: 'person' | 'engine';
	/** By the database's clock, to be read by people. */
	at: string;
};

/** The same product on both sides. */
export type Pair = { internalId: string; externalId: string };

export type Evidence = {
	/** Each side's changes, in the order in which they were made. */
	changes: readonly Change[];
	pairs: readonly Pair[];
	/** What every record holds in the end, by side and id. */
	current: Record<Side, ReadonlyMap<string, Readonly<Record<string, Value>>>>;
	/** Values that the journal names as losers of a conflict. */
	losers: readonly { field: string; value: Value }[];
	/** Records that both sides had before, with these values. */
	initial: readonly { field: string; value: Value }[];
};

export type Violation = { kind: 'lost' | 'differs' | 'duplicate' | 'unlinked' | 'invented'; what: string };

export const racedFields = ['name', 'description', 'value', 'price'] as const;

/**
 * What went wrong, from the edits people made and what both sides hold in the end. An edit is not lost when it is
 * current, when a person replaced it (that person saw it) by an edit that is not lost, or when the journal names it.
 */
export function findViolations(evidence: Evidence): Violation[] {
	return [...lostEdits(evidence), ...differences(evidence), ...duplicates(evidence), ...inventions(evidence)];
}

function key(field: string, value: Value): string {
	return `${field} ${String(canonical(field === 'price' ? 'decimal' : 'text', value))}`;
}

function lostEdits({ changes, current, losers, pairs }: Evidence): Violation[] {
	const edits = changes.filter(({ by, after }) => by === 'person' && after !== null);
	const seen = new Map<string, Set<string>>();
	for (const { field, before, after } of edits) {
		const replaced = seen.get(key(field, after)) ?? new Set();
		seen.set(key(field, after), replaced.add(key(field, before)));
	}
	const kept = new Set(losers.map(({ field, value }) => key(field, value)));
	for (const records of [current.internal, current.external]) {
		for (const fields of records.values()) for (const field of racedFields) kept.add(key(field, fields[field] ?? null));
	}
	// A set may grow while it is walked through.
	for (const one of kept) for (const replaced of seen.get(one) ?? []) kept.add(replaced);
	return edits
		.filter(({ field, after }) => !kept.has(key(field, after)))
		.map((edit) => ({
			kind: 'lost',
			what: [JSON.stringify(edit), ...trailOf(edit, { changes, pairs })].join('\n    ')
		}));
}

/** All changes of the field that an edit was made to, on both sides. */
function trailOf(edit: Change, { changes, pairs }: Pick<Evidence, 'changes' | 'pairs'>): string[] {
	const pair = pairs.find((one) => one[`${edit.side}Id`] === edit.record);
	return changes
		.filter(({ side, record, field }) => field === edit.field && record === pair?.[`${side}Id`])
		.map(
			({ side, by, before, after, at }) =>
				`${at} ${side} by ${by}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`
		);
}

function differences({ pairs, current }: Evidence): Violation[] {
	return pairs.flatMap(({ internalId, externalId }): Violation[] => {
		const ours = current.internal.get(internalId);
		const theirs = current.external.get(externalId);
		return racedFields.flatMap((field): Violation[] => {
			const [one, other] = [ours?.[field] ?? null, theirs?.[field] ?? null];
			if (ours && theirs && key(field, one) === key(field, other)) return [];
			return [
				{
					kind: 'differs',
					what: `${internalId} / ${externalId}: ${field} ${JSON.stringify(one)} / ${JSON.stringify(other)}`
				}
			];
		});
	});
}

/** People made every record once, on one side; the other side holds it once, and the link between them. */
function duplicates({ changes, pairs, current, initial }: Evidence): Violation[] {
	const born = changes.filter(({ created, by, field }) => created && by === 'person' && field === 'name').length;
	const expected = initial.filter(({ field }) => field === 'name').length + born;
	const violations: Violation[] = [];
	for (const side of ['internal', 'external'] as const) {
		const linked = pairs.map((pair) => pair[`${side}Id`]);
		const ids = [...current[side].keys()];
		if (ids.length !== expected)
			violations.push({ kind: 'duplicate', what: `${side}: ${ids.length} records, people made ${expected}` });
		for (const id of ids.filter((one) => !linked.includes(one)))
			violations.push({ kind: 'unlinked', what: `${side} ${id}: ${JSON.stringify(current[side].get(id))}` });
		for (const id of new Set(linked.filter((one, index) => linked.indexOf(one) !== index)))
			violations.push({ kind: 'duplicate', what: `${side} ${id} has several links` });
	}
	return violations;
}

/** The engine writes only what a person wrote somewhere. */
function inventions({ changes, initial }: Evidence): Violation[] {
	const written = new Set(initial.map(({ field, value }) => key(field, value)));
	for (const { by, field, after } of changes) if (by === 'person') written.add(key(field, after));
	return changes
		.filter(({ by, field, after }) => by === 'engine' && !written.has(key(field, after)))
		.map(({ side, record, field, after }) => ({
			kind: 'invented',
			what: `${side} ${record}: ${field} ${JSON.stringify(after)}`
		}));
}
