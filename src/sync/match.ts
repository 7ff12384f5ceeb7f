import type { Fields } from './fields.ts';
import { coded, codeOf, evidenceOf, groupHolds, type Coded, type MatchEvidence } from './match-evidence.ts';
import { defaultMatchGroups, type MatchGroup } from './match-groups.ts';
import { pairText, type PairKey } from './pair-key.ts';

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

export type MatchSuggestion = PairKey & {
	/** 100 = what counts most is written alike; 63 to 97 = worth a look; nothing below. */
	score: number;
	evidence: MatchEvidence[];
	/** One of the two records has another suggestion that is as good a reason to doubt this one. */
	ambiguous: boolean;
	/** The one to look at first of its two records: no record is in two of these. */
	best: boolean;
};

/** A pair with the place of the group that made it, and of its two records among those of their side. */
type Ranked = { pair: MatchSuggestion; rank: number; ours: number; theirs: number };

/** More pairs than this over one code: it identifies nobody. */
const pairsOfOneCode = 100;
/** Pairs that are looked at without a break: some milliseconds. */
const pairsInATurn = 500;

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
	const isExcluded = among(input.excluded);
	const internal = input.internal.map((one) => coded(matchKeys, one));
	const external = input.external.map((one) => coded(matchKeys, one));
	const seen = new Set<number>();
	const pairs: Ranked[] = [];
	let looked = 0;
	for (const field of codeFields(groups)) {
		for (const [ours, theirs] of sharingCode(matchKeys.indexOf(field), internal, external)) {
			if (++looked % pairsInATurn === 0) yield;
			const place = ours * external.length + theirs;
			const [one, other] = [internal[ours], external[theirs]];
			if (!one || !other || seen.has(place)) continue;
			seen.add(place);
			const ids = { internalId: one.internalId, externalId: other.externalId, variantId: other.variantId };
			if (isExcluded(ids)) continue;
			const evidence = evidenceOf(matchKeys, one, other);
			const rank = groups.findIndex((group) => groupHolds(group, evidence));
			if (rank === -1) continue;
			const score = rank === 0 && isWrittenAlike(groups[0], evidence) ? 100 : scoreOf(matchKeys, evidence);
			pairs.push({ pair: { ...ids, score, evidence, ambiguous: false, best: false }, rank, ours, theirs });
		}
	}
	return judge(pairs);
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

/** Places of the pairs with the same code at this place of the match keys. */
function* sharingCode(at: number, internal: readonly Coded[], external: readonly Coded[]) {
	const theirs = byCode(at, external);
	for (const [code, some] of byCode(at, internal)) {
		const others = theirs.get(code) ?? [];
		if (some.length * others.length > pairsOfOneCode) continue;
		for (const one of some) for (const other of others) yield [one, other] as const;
	}
}

function byCode(at: number, records: readonly Coded[]): Map<string, number[]> {
	const places = new Map<string, number[]>();
	for (const [place, { codes }] of records.entries()) {
		const code = codes[at] ?? null;
		if (code === null) continue;
		const known = places.get(code);
		if (known) known.push(place);
		else places.set(code, [place]);
	}
	return places;
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
	const hasExact = { ours: new Set<number>(), theirs: new Set<number>() };
	for (const { pair, ours, theirs } of pairs) {
		if (pair.score !== 100) continue;
		hasExact.ours.add(ours);
		hasExact.theirs.add(theirs);
	}
	const left = pairs.filter(
		({ pair, ours, theirs }) => pair.score === 100 || !(hasExact.ours.has(ours) || hasExact.theirs.has(theirs))
	);
	const count = { ours: new Map<number, number>(), theirs: new Map<number, number>() };
	for (const { ours, theirs } of left) {
		count.ours.set(ours, (count.ours.get(ours) ?? 0) + 1);
		count.theirs.set(theirs, (count.theirs.get(theirs) ?? 0) + 1);
	}
	const best = bestPairs(left);
	return left
		.toSorted((one, other) => other.pair.score - one.pair.score || comparePairs(one.pair, other.pair))
		.map((ranked) => ({
			...ranked.pair,
			ambiguous: (count.ours.get(ranked.ours) ?? 0) > 1 || (count.theirs.get(ranked.theirs) ?? 0) > 1,
			best: best.has(ranked)
		}));
}

/** One to one: pair after pair in the order of group and score, as long as both records are free. */
function bestPairs(pairs: readonly Ranked[]): ReadonlySet<Ranked> {
	const order = pairs.toSorted(
		(one, other) => one.rank - other.rank || other.pair.score - one.pair.score || comparePairs(one.pair, other.pair)
	);
	const taken = { ours: new Set<number>(), theirs: new Set<number>() };
	const best = new Set<Ranked>();
	for (const ranked of order) {
		const { ours, theirs } = ranked;
		if (taken.ours.has(ours) || taken.theirs.has(theirs)) continue;
		taken.ours.add(ours);
		taken.theirs.add(theirs);
		best.add(ranked);
	}
	return best;
}

/** Whether a pair is one of these. */
function among(pairs: readonly PairKey[]): (pair: PairKey) => boolean {
	if (pairs.length === 0) return () => false;
	const texts = new Set(pairs.map(pairText));
	return (pair) => texts.has(pairText(pair));
}

function comparePairs(one: PairKey, other: PairKey): number {
	return (
		compareText(one.internalId, other.internalId) ||
		compareText(one.externalId, other.externalId) ||
		compareText(one.variantId, other.variantId)
	);
}

function compareText(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}
