import type { Fields, Value } from './fields.ts';
import { matchCode } from './match-code.ts';
import { nameSimilarity } from './name-similarity.ts';

/** One key on which two records agree: written alike, or alike but for spelling. */
export type MatchEvidence = { field: string; kind: 'equal' | 'respelled'; internal: string; external: string };

export type MatchInput = {
	/** Fields that identify a record across systems, strongest first. */
	matchKeys: readonly string[];
	internal: readonly { internalId: string; fields: Fields }[];
	external: readonly { externalId: string; variantId: string; fields: Fields }[];
	/** Pairs that must never be suggested again. */
	excluded: readonly PairKey[];
};

export type PairKey = { internalId: string; externalId: string; variantId: string };

export type MatchSuggestion = PairKey & {
	/** 100 = the first key is equal; 65 to 95 = worth a look; nothing below. */
	score: number;
	evidence: MatchEvidence[];
	/** One of the two records has another suggestion that is as good a reason to doubt this one. */
	ambiguous: boolean;
};

/** More pairs than this over one code: it identifies nobody. */
const pairsOfOneCode = 100;

/**
 * Pairs of one batch that are probably the same thing, with the evidence, strongest first, in a fixed order.
 * The first key equal: 100. Respelled and another key equal: 90. Only another key equal: 80. Only respelled: 70. The last
 * three move by at most 5 with the likeness of the names, which never makes a pair by itself. A record with an equal first key
 * gets no weaker suggestion; any other competition makes all its pairs ambiguous.
 */
export function matchRecords(input: MatchInput): MatchSuggestion[] {
	const excluded = new Set(input.excluded.map(pairText));
	const pairs = new Map<string, MatchSuggestion>();
	for (const field of input.matchKeys) {
		for (const [ours, theirs] of sharingCode(field, input)) {
			const pair = { internalId: ours.internalId, externalId: theirs.externalId, variantId: theirs.variantId };
			const key = pairText(pair);
			if (excluded.has(key) || pairs.has(key)) continue;
			const evidence = evidenceOf(input.matchKeys, ours.fields, theirs.fields);
			const score = scoreOf(input.matchKeys, evidence, ours.fields, theirs.fields);
			if (score !== null) pairs.set(key, { ...pair, score, evidence, ambiguous: false });
		}
	}
	return judge([...pairs.values()]);
}

/** Longer than any code, short enough for an index. */
const longestCode = 500;

/** `field=code` of every match key of a record: what look-ups by key compare. A text too long to be a code is none. */
export function matchKeysOf(matchKeys: readonly string[], fields: Fields): string[] {
	return matchKeys.flatMap((field) => {
		const code = codeOf(field, fields[field] ?? null);
		return code === null || code.length > longestCode ? [] : [`${field}=${code}`];
	});
}

/** Whether a text is a GTIN-8, -12, -13 or -14 with the right check digit (and not all zeros). Signs in between do not count. */
export function isGtin(text: string): boolean {
	const code = matchCode(text) ?? '';
	if (!/^(\d{8}|\d{12,14})$/.test(code) || /^0+$/.test(code)) return false;
	const sum = [...code]
		.toReversed()
		.reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
	return sum % 10 === 0;
}

function codeOf(field: string, value: Value): string | null {
	if (field === 'gtin' && (typeof value !== 'string' || !isGtin(value))) return null;
	return matchCode(value);
}

function* sharingCode(field: string, input: MatchInput) {
	const theirs = Map.groupBy(input.external, ({ fields }) => codeOf(field, fields[field] ?? null));
	const ours = Map.groupBy(input.internal, ({ fields }) => codeOf(field, fields[field] ?? null));
	for (const [code, some] of ours) {
		const others = code === null ? [] : (theirs.get(code) ?? []);
		if (some.length * others.length > pairsOfOneCode) continue;
		for (const one of some) for (const other of others) yield [one, other] as const;
	}
}

function evidenceOf(matchKeys: readonly string[], ours: Fields, theirs: Fields): MatchEvidence[] {
	return matchKeys.flatMap((field) => {
		const code = codeOf(field, ours[field] ?? null);
		if (code === null || code !== codeOf(field, theirs[field] ?? null)) return [];
		const internal = String(ours[field]);
		const external = String(theirs[field]);
		const kind = internal.trim() === external.trim() ? 'equal' : 'respelled';
		// A dot or a dash makes another mailbox.
		if (field === 'email' && internal.trim().toLowerCase() !== external.trim().toLowerCase()) return [];
		return [{ field, kind, internal, external }];
	});
}

function scoreOf(
	matchKeys: readonly string[],
	evidence: readonly MatchEvidence[],
	ours: Fields,
	theirs: Fields
): number | null {
	const first = evidence.find(({ field }) => field === matchKeys[0]);
	if (first?.kind === 'equal') return 100;
	const another = evidence.some(({ field }) => field !== matchKeys[0]);
	if (!first && !another) return null;
	const score = first && another ? 90 : another ? 80 : 70;
	const likeness = nameSimilarity(ours['name'] ?? null, theirs['name'] ?? null);
	return likeness === null ? score : score + Math.round((likeness - 0.5) * 10);
}

function judge(pairs: readonly MatchSuggestion[]): MatchSuggestion[] {
	const best = new Map<string, number>();
	for (const pair of pairs) {
		for (const side of sidesOf(pair)) best.set(side, Math.max(best.get(side) ?? 0, pair.score));
	}
	const left = pairs.filter((pair) => pair.score === 100 || sidesOf(pair).every((side) => best.get(side) !== 100));
	const count = new Map<string, number>();
	for (const pair of left) for (const side of sidesOf(pair)) count.set(side, (count.get(side) ?? 0) + 1);
	return left
		.map((pair) => ({ ...pair, ambiguous: sidesOf(pair).some((side) => (count.get(side) ?? 0) > 1) }))
		.toSorted((one, other) => other.score - one.score || compareText(pairText(one), pairText(other)));
}

function sidesOf({ internalId, externalId, variantId }: PairKey): readonly string[] {
	return [JSON.stringify([internalId]), JSON.stringify([externalId, variantId])];
}

function pairText({ internalId, externalId, variantId }: PairKey): string {
	return JSON.stringify([internalId, externalId, variantId]);
}

function compareText(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}
