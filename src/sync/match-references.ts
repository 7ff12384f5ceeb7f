import type { Fields } from './fields.ts';
import { matchKeysOf, type MatchSuggestion } from './match.ts';
import type { MatchEvidence } from './match-evidence.ts';
import { pairText, type PairKey } from './pair-key.ts';
import type { ReferenceLinks } from './reference.ts';

/** What tells a record of an entity from others: codes of its own, or the records that these fields point to. */
export type Identity = { matchKeys: readonly string[]; keyFields?: readonly string[] | undefined };

export type ReferenceMatchInput = {
	/** The references that tell a record from others. */
	keyFields: readonly string[];
	/** By field: what is linked to what. */
	links: Readonly<Record<string, ReferenceLinks>>;
	internal: readonly { internalId: string; fields: Fields }[];
	external: readonly { externalId: string; variantId: string; fields: Fields }[];
	/** Pairs that must never be suggested again. */
	excluded: readonly PairKey[];
};

/** The ids of a record's key, in the order of the fields; null where one is missing. */
export function keyIdsOf(keyFields: readonly string[], fields: Fields): string[] | null {
	const ids = keyFields.map((field) => fields[field] ?? null);
	return ids.some((id) => id === null) ? null : ids.map(String);
}

/** The key as one text. */
export function keyText(ids: readonly string[]): string {
	return `key=${JSON.stringify(ids)}`;
}

/** What look-ups by key compare of a record of the channel: its codes, or the channel's own ids of what it points to. */
export function externalKeysOf({ matchKeys, keyFields }: Identity, fields: Fields): string[] {
	if (!keyFields) return matchKeysOf(matchKeys, fields);
	const ids = keyIdsOf(keyFields, fields);
	return ids === null ? [] : [keyText(ids)];
}

/** The ids of one side's key as the other side knows these records; null where one has no link. */
export function translatedKey(
	keyFields: readonly string[],
	links: ReferenceMatchInput['links'],
	from: 'internal' | 'external',
	fields: Fields
): string[] | null {
	const ids = keyIdsOf(keyFields, fields);
	if (ids === null) return null;
	const translated = ids.flatMap((id, at) => {
		const known = links[keyFields[at] ?? ''];
		const found = from === 'internal' ? known?.toExternal : known?.toInternal;
		return found && Object.hasOwn(found, id) ? [found[id] ?? ''] : [];
	});
	return translated.length === ids.length ? translated : null;
}

/**
 * Pairs that point to the same records: the price of a product in a list is that of the linked product in the linked list.
 * Their score is 100; several records of one side with the same key make all their pairs ambiguous.
 */
export function matchByReferences(input: ReferenceMatchInput): MatchSuggestion[] {
	const { keyFields, links } = input;
	const excluded = new Set(input.excluded.map(pairText));
	const keyOf = (ids: readonly string[] | null) => (ids === null ? null : keyText(ids));
	const ours = Map.groupBy(input.internal, ({ fields }) => keyOf(keyIdsOf(keyFields, fields)));
	const theirs = Map.groupBy(input.external, ({ fields }) =>
		keyOf(translatedKey(keyFields, links, 'external', fields))
	);
	return [...ours].flatMap(([key, some]) => {
		if (key === null) return [];
		const pairs = some.flatMap((one) =>
			(theirs.get(key) ?? []).toSorted(byId).flatMap((other) => {
				const { externalId, variantId } = other;
				const pair = { internalId: one.internalId, externalId, variantId };
				return excluded.has(pairText(pair)) ? [] : [{ ...pair, evidence: evidenceOf(keyFields, one, other) }];
			})
		);
		return pairs.map((pair, at) => ({ ...pair, score: 100, ambiguous: pairs.length > 1, best: at === 0 }));
	});
}

function evidenceOf(
	keyFields: readonly string[],
	ours: { fields: Fields },
	theirs: { fields: Fields }
): MatchEvidence[] {
	return keyFields.map((field) => ({
		field,
		kind: 'linked',
		internal: String(ours.fields[field]),
		external: String(theirs.fields[field])
	}));
}

function byId(one: { externalId: string }, other: { externalId: string }): number {
	return one.externalId < other.externalId ? -1 : one.externalId > other.externalId ? 1 : 0;
}
