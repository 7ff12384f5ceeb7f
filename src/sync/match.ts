import type { Fields } from './fields.ts';
import { codeOf, evidenceOf, groupHolds, type MatchEvidence } from './match-evidence.ts';
import { defaultMatchGroups, type MatchGroup } from './match-groups.ts';

export type MatchInput = {
	/** Fields that identify a record across systems, strongest first. */
	matchKeys: readonly string[];
	/** What makes a pair, what counts most first; the entity's default if not given. */
	groups?: readonly MatchGroup[] | undefined;
	internal: readonly { internalId: string; fields: Fields }[];
	external: readonly { externalId: string; variantId: string; fields: Fields }[];
	/** Pairs that must never be suggested again. */
	excluded: readonly PairKey[];
};

export type PairKey = { internalId: string; externalId: string; variantId: string };

export type MatchSuggestion = PairKey & {
	/** 100 = what counts most is written alike; 63 to 97 = worth a look; nothing below. */
	score: number;
	evidence: MatchEvidence[];
	/** One of the two records has another suggestion that is as good a reason to doubt this one. */
	ambiguous: boolean;
	/** The one to look at first of its two records: no record is in two of these. */
	best: boolean;
};

/** A pair with the place of the group that made it. */
type Ranked = MatchSuggestion & { rank: number };

/** More pairs than this over one code: it identifies nobody. */
const pairsOfOneCode = 100;

/**
 * Pairs that are probably the same thing, with the evidence, strongest first, in a fixed order. A pair comes out where one of
 * the groups holds. The first group as written: 100. Else two codes: 90; one code: 80; only the first code, respelled: 70. The
 * last three move by at most 5 with the likeness of the names and by at most 2 with the prices, which never make a pair by
 * themselves. A record with a pair of 100 gets no weaker suggestion; any other competition makes all its pairs ambiguous, and
 * the one of the earliest group and highest score is `best`, one to one over the whole set.
 */
export function matchRecords(input: MatchInput): MatchSuggestion[] {
	const groups = input.groups ?? defaultMatchGroups(input.matchKeys);
	const excluded = new Set(input.excluded.map(pairText));
	const pairs = new Map<string, Ranked>();
	for (const field of codeFields(groups)) {
		for (const [ours, theirs] of sharingCode(field, input)) {
			const pair = { internalId: ours.internalId, externalId: theirs.externalId, variantId: theirs.variantId };
			const key = pairText(pair);
			if (excluded.has(key) || pairs.has(key)) continue;
			const evidence = evidenceOf(input.matchKeys, ours.fields, theirs.fields);
			const rank = groups.findIndex((group) => groupHolds(group, evidence));
			if (rank === -1) continue;
			const score = rank === 0 && isWrittenAlike(groups[0], evidence) ? 100 : scoreOf(input.matchKeys, evidence);
			pairs.set(key, { ...pair, score, evidence, ambiguous: false, best: false, rank });
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

function codeFields(groups: readonly MatchGroup[]): string[] {
	return [...new Set(groups.flat().flatMap(({ field, how }) => (how === 'alike' ? [] : [field])))];
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

function isWrittenAlike(group: MatchGroup | undefined, evidence: readonly MatchEvidence[]): boolean {
	const kindOf = (field: string) => evidence.find((piece) => piece.field === field)?.kind;
	return group?.every(({ field, how }) => how === 'alike' || kindOf(field) === 'equal') ?? false;
}

function scoreOf(matchKeys: readonly string[], evidence: readonly MatchEvidence[]): number {
	const codes = evidence.filter(({ kind }) => kind === 'equal' || kind === 'respelled');
	const onlyRespelled = codes.every(({ field, kind }) => field === matchKeys[0] && kind === 'respelled');
	const base = codes.length > 1 ? 90 : onlyRespelled ? 70 : 80;
	return base + evidence.reduce((sum, { kind, percent = 50 }) => sum + leaning(kind, percent), 0);
}

function leaning(kind: MatchEvidence['kind'], percent: number): number {
	if (kind === 'alike') return Math.round((percent - 50) / 10);
	if (kind === 'ratio') return percent >= 95 ? 2 : percent < 50 ? -2 : 0;
	return 0;
}

function judge(pairs: readonly Ranked[]): MatchSuggestion[] {
	const top = new Map<string, number>();
	for (const pair of pairs) {
		for (const side of sidesOf(pair)) top.set(side, Math.max(top.get(side) ?? 0, pair.score));
	}
	const left = pairs.filter((pair) => pair.score === 100 || sidesOf(pair).every((side) => top.get(side) !== 100));
	const count = new Map<string, number>();
	for (const pair of left) for (const side of sidesOf(pair)) count.set(side, (count.get(side) ?? 0) + 1);
	const best = bestPairs(left);
	return left
		.map(({ rank: _, ...pair }) => {
			const ambiguous = sidesOf(pair).some((side) => (count.get(side) ?? 0) > 1);
			return { ...pair, ambiguous, best: best.has(pairText(pair)) };
		})
		.toSorted((one, other) => other.score - one.score || compareText(pairText(one), pairText(other)));
}

/** One to one: pair after pair in the order of group and score, as long as both records are free. */
function bestPairs(pairs: readonly Ranked[]): ReadonlySet<string> {
	const order = pairs.toSorted(
		(one, other) => one.rank - other.rank || other.score - one.score || compareText(pairText(one), pairText(other))
	);
	const taken = new Set<string>();
	const best = new Set<string>();
	for (const pair of order) {
		const sides = sidesOf(pair);
		if (sides.some((side) => taken.has(side))) continue;
		for (const side of sides) taken.add(side);
		best.add(pairText(pair));
	}
	return best;
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
