import type { Fields } from './fields.ts';
import { coded, codeOf, evidenceOf, groupHolds, type Coded, type MatchEvidence } from './match-evidence.ts';
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

/** A pair with the place of the group that made it, and the texts by which it and its records are told apart. */
type Ranked = MatchSuggestion & { rank: number; text: string; sides: readonly [string, string] };

/** More pairs than this over one code: it identifies nobody. */
const pairsOfOneCode = 100;
/** Pairs that are looked at without a break: some milliseconds. */
const pairsInATurn = 200;

/**
 * Pairs that are probably the same thing, with the evidence, strongest first, in a fixed order. A pair comes out where one of
 * the groups holds. The first group as written: 100. Else two codes: 90; one code: 80; only the first code, respelled: 70. The
 * last three move by at most 5 with the likeness of the names and by at most 2 with the prices, which never make a pair by
 * themselves. A record with a pair of 100 gets no weaker suggestion; any other competition makes all its pairs ambiguous, and
 * the one of the earliest group and highest score is `best`, one to one over the whole set.
 */
export function matchRecords(input: MatchInput): MatchSuggestion[] {
	const turns = matchInTurns(input);
	for (;;) {
		const turn = turns.next();
		if (turn.done) return turn.value;
	}
}

/** The same, turn by turn: between them whoever compares thousands may let others have the processor. */
export function* matchInTurns(input: MatchInput): Generator<undefined, MatchSuggestion[]> {
	const { matchKeys } = input;
	const groups = input.groups ?? defaultMatchGroups(matchKeys);
	const excluded = new Set(input.excluded.map(pairText));
	const internal = input.internal.map((one) => coded(matchKeys, one));
	const external = input.external.map((one) => coded(matchKeys, one));
	const pairs = new Map<string, Ranked>();
	let seen = 0;
	for (const field of codeFields(groups)) {
		for (const [ours, theirs] of sharingCode(matchKeys.indexOf(field), internal, external)) {
			if (++seen % pairsInATurn === 0) yield;
			const pair = { internalId: ours.internalId, externalId: theirs.externalId, variantId: theirs.variantId };
			const text = pairText(pair);
			if (excluded.has(text) || pairs.has(text)) continue;
			const evidence = evidenceOf(matchKeys, ours, theirs);
			const rank = groups.findIndex((group) => groupHolds(group, evidence));
			if (rank === -1) continue;
			const score = rank === 0 && isWrittenAlike(groups[0], evidence) ? 100 : scoreOf(matchKeys, evidence);
			pairs.set(text, { ...pair, score, evidence, ambiguous: false, best: false, rank, text, sides: sidesOf(pair) });
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

/** Pairs with the same code at this place of the match keys. */
function* sharingCode<Ours extends Coded, Theirs extends Coded>(
	at: number,
	internal: readonly Ours[],
	external: readonly Theirs[]
) {
	const theirs = Map.groupBy(external, ({ codes }) => codes[at] ?? null);
	const ours = Map.groupBy(internal, ({ codes }) => codes[at] ?? null);
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
	for (const { sides, score } of pairs) {
		for (const side of sides) top.set(side, Math.max(top.get(side) ?? 0, score));
	}
	const left = pairs.filter(({ score, sides }) => score === 100 || sides.every((side) => top.get(side) !== 100));
	const count = new Map<string, number>();
	for (const { sides } of left) for (const side of sides) count.set(side, (count.get(side) ?? 0) + 1);
	const best = bestPairs(left);
	return left
		.toSorted((one, other) => other.score - one.score || compareText(one.text, other.text))
		.map(({ rank: _rank, text, sides, ...pair }) => {
			const ambiguous = sides.some((side) => (count.get(side) ?? 0) > 1);
			return { ...pair, ambiguous, best: best.has(text) };
		});
}

/** One to one: pair after pair in the order of group and score, as long as both records are free. */
function bestPairs(pairs: readonly Ranked[]): ReadonlySet<string> {
	const order = pairs.toSorted(
		(one, other) => one.rank - other.rank || other.score - one.score || compareText(one.text, other.text)
	);
	const taken = new Set<string>();
	const best = new Set<string>();
	for (const { sides, text } of order) {
		if (sides.some((side) => taken.has(side))) continue;
		for (const side of sides) taken.add(side);
		best.add(text);
	}
	return best;
}

function sidesOf({ internalId, externalId, variantId }: PairKey): readonly [string, string] {
	return [JSON.stringify([internalId]), JSON.stringify([externalId, variantId])];
}

function pairText({ internalId, externalId, variantId }: PairKey): string {
	return JSON.stringify([internalId, externalId, variantId]);
}

function compareText(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}
