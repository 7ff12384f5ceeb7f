import type { InternalRecord } from '#src/entities/entity.ts';
import { matchKeysOf } from '#src/sync/match.ts';
import { inScope, type SideScopes } from '#src/sync/scope.ts';
import { roundsAtMost, type Candidate, type CandidateSet } from '../read-candidates.ts';
import type { SeenRecord } from '../record-page.ts';
import type { SaveMatchesInput } from '../save-matches.ts';
import type { Entity } from '#src/entities/entity.ts';
import { saveAwaiting } from './awaiting.ts';
import { externalsWithKeys } from './find-by-keys.ts';
import type { ChannelRecordRow, SuggestionRow } from './matching-tables.ts';
import { findByCode, readRecords } from './record-store.ts';
import { keysAtChannel, oursWithKeys } from './reference-keys.ts';
import { runInHands } from './runs.ts';
import { compareText, compositeKey, inIdOrder } from './table.ts';
import type { Tables } from './tables.ts';
import { isExternalExcluded, isInternalExcluded, isInternalLinked } from './waiting-list.ts';

type Input = { channelId: string; entity: Entity };
type Scoped = Input & { scope: SideScopes };

/** `readCandidates` in memory. */
export function readCandidates(tables: Tables, given: Input & { limit: number }): CandidateSet {
	const settings = tables.channelEntity(given.channelId, given.entity.name);
	const input = { ...given, scope: settings?.policy.scope ?? {} };
	const taken = waitingOf(tables, input).slice(0, input.limit);
	const internals = recordsSorted<InternalRecord>();
	const externals = recordsSorted<SeenRecord>();
	const ours = taken.filter(({ side }) => side === 'internal').map(({ recordId }) => recordId);
	const theirs = new Set(taken.filter(({ side }) => side === 'external').map(externalKeyOfCandidate));
	if (ours.length > 0) addInternals(tables, input, internals, ours);
	if (theirs.size > 0) addExternals(tables, input, externals, (row) => theirs.has(externalKey(row)));
	const outside = outsideOf(internals, externals);
	internals.hidden.clear();
	externals.hidden.clear();
	let complete = taken.length === 0;
	for (let round = 0; round < roundsAtMost && !complete; round++) {
		const known = internals.inside.size;
		addExternalsByKey(tables, input, externals, internals.inside);
		addInternalsByKey(tables, input, internals, externals.inside);
		complete = internals.inside.size === known;
	}
	return {
		taken,
		complete,
		internals: [...internals.inside.values()],
		externals: [...externals.inside.values()],
		excludedPairs: excludedPairs(tables, input, internals.inside.keys()),
		outside,
		hidden: { internals: [...internals.hidden.values()], externals: [...externals.hidden.values()] },
		match: settings?.policy.match,
		settingsRev: settings?.settingsRev ?? 0
	};
}

/** What waits at a channel, in order. */
export function waitingOf(tables: Tables, { channelId, entity }: Input): Candidate[] {
	return [...tables.candidatesOf(channelId, entity.name)]
		.sort(compareCandidates)
		.map(({ side, recordId, variantId }) => ({ side: side as 'internal' | 'external', recordId, variantId }));
}

/** The order of the waiting list. */
export function compareCandidates(
	one: { side: string; recordId: string; variantId: string },
	other: { side: string; recordId: string; variantId: string }
): number {
	return (
		compareText(one.side, other.side) ||
		compareText(one.recordId, other.recordId) ||
		compareText(one.variantId, other.variantId)
	);
}

/** `saveMatches` in memory. */
export function saveMatches(tables: Tables, input: SaveMatchesInput): void {
	const { channelId } = input;
	const entity = input.entity.name;
	if (!runInHands(tables, input.run)) return;
	if ((tables.channelEntity(channelId, entity)?.settingsRev ?? 0) !== input.settingsRev) return;
	const internalIds = new Set(input.internalIds);
	const externalKeys = new Set(input.externalKeys.map(({ id, variant }) => compositeKey(id, variant)));
	const kept = new Set(input.suggestions.map(pairKey));
	for (const old of [...tables.suggestionsOf(channelId, entity)]) {
		const considered = internalIds.has(old.internalId) || externalKeys.has(externalKey(old));
		if (considered && !kept.has(pairKey(old))) tables.suggestions.remove(old);
	}
	for (const suggestion of input.suggestions) {
		const { internalId, externalId, variantId, score, ambiguous, best } = suggestion;
		const evidence = [...suggestion.evidence];
		const old = tables.suggestionOfPair(channelId, entity, internalId, externalId, variantId);
		if (old) {
			const judged = { score, evidence, ambiguous, best };
			if (!sameJudgement(old, judged)) tables.suggestions.replace(old, { ...old, ...judged });
			continue;
		}
		const pair = { channelId, entity, internalId, externalId, variantId };
		tables.suggestions.insert({
			id: tables.suggestions.nextId(),
			...pair,
			score,
			evidence,
			ambiguous,
			best,
			createdAt: tables.now()
		});
	}
	for (const { side, recordId, variantId } of input.consumed) {
		const candidate = tables.candidate(channelId, entity, side, recordId, variantId);
		if (candidate) tables.candidates.remove(candidate);
	}
	const owners = input.consumed.map(({ side, recordId, variantId }) => ({ owner: side, ownerId: recordId, variantId }));
	saveAwaiting(tables, { channelId, entity }, owners, input.awaiting ?? []);
}

/** Records of one side by their key: in scope and out of it. */
type Sorted<One> = { inside: Map<string, One>; hidden: Map<string, One> };

function recordsSorted<One>(): Sorted<One> {
	return { inside: new Map(), hidden: new Map() };
}

function outsideOf(internals: Sorted<InternalRecord>, externals: Sorted<SeenRecord>): Candidate[] {
	const ours = [...internals.hidden.values()].map(({ id }) => ({ recordId: id, variantId: '' }));
	const theirs = [...externals.hidden.values()].map(({ externalId, variantId }) => ({
		recordId: externalId,
		variantId
	}));
	return [
		...ours.map((one) => ({ side: 'internal' as const, ...one })),
		...theirs.map((one) => ({ side: 'external' as const, ...one }))
	];
}

function addInternals(tables: Tables, input: Scoped, known: Sorted<InternalRecord>, wanted: Iterable<string>): void {
	const fresh = [...wanted].filter((id) => !known.inside.has(id) && !known.hidden.has(id));
	for (const record of freeInternals(tables, input, fresh))
		(inScope(record.fields, input.scope.internal) ? known.inside : known.hidden).set(record.id, record);
}

/** Those of these records of ours that have no link, are not set aside and not being created. */
export function freeInternals(tables: Tables, input: Input, ids: readonly string[]): InternalRecord[] {
	const { channelId } = input;
	const entity = input.entity.name;
	const free = ids.filter((internalId) => {
		const record = { channelId, entity, internalId };
		if (isInternalLinked(tables, record) || isInternalExcluded(tables, record)) return false;
		return !tables.intentOfRecord(channelId, entity, internalId);
	});
	return readRecords(tables, input.entity, free);
}

function addExternals(
	tables: Tables,
	input: Scoped,
	known: Sorted<SeenRecord>,
	matches: (row: ChannelRecordRow) => boolean
): void {
	for (const row of freeExternals(tables, input, matches))
		(inScope(row.fields, input.scope.external) ? known.inside : known.hidden).set(externalKey(row), seenRecord(row));
}

/** Records of the channel like this that are there, have no link and are not set aside, in order. */
export function freeExternals(
	tables: Tables,
	input: Input,
	matches: (row: ChannelRecordRow) => boolean
): ChannelRecordRow[] {
	const { linkByExternal } = tables.of(input.entity.name);
	const found: ChannelRecordRow[] = [];
	for (const row of tables.channelRecordsOf(input.channelId, input.entity.name)) {
		if (row.deletedAt !== null || !matches(row)) continue;
		if (linkByExternal(row.channelId, row.externalId, row.variantId) || isExternalExcluded(tables, row)) continue;
		found.push(row);
	}
	return found.sort(
		(one, other) => compareText(one.externalId, other.externalId) || compareText(one.variantId, other.variantId)
	);
}

function addExternalsByKey(
	tables: Tables,
	input: Scoped,
	known: Sorted<SeenRecord>,
	internals: ReadonlyMap<string, InternalRecord>
) {
	const records = [...internals.values()].map(({ fields }) => fields);
	const { keyFields, matchKeys } = input.entity;
	const keys = new Set(
		keyFields ? keysAtChannel(tables, input, records) : records.flatMap((fields) => matchKeysOf(matchKeys, fields))
	);
	if (keys.size === 0) return;
	const found = externalsWithKeys(tables, input, keys);
	addExternals(tables, input, known, (row) => found.has(externalKey(row)));
}

function addInternalsByKey(
	tables: Tables,
	input: Scoped,
	known: Sorted<InternalRecord>,
	externals: ReadonlyMap<string, SeenRecord>
) {
	if (input.entity.keyFields) {
		const records = [...externals.values()].map(({ fields }) => fields);
		return addInternals(tables, input, known, oursWithKeys(tables, input, records));
	}
	const found = new Set<string>();
	for (const field of input.entity.matchKeys) {
		const prefix = `${field}=`;
		const codes = new Set<string>();
		for (const { matchKeys } of externals.values()) {
			for (const key of matchKeys) if (key.startsWith(prefix)) codes.add(key.slice(prefix.length));
		}
		for (const id of findByCode(tables, input.entity.name, field, [...codes])) found.add(id);
	}
	addInternals(tables, input, known, found);
}

/** The pairs with these records that are never to be linked. */
export function excludedPairs(tables: Tables, input: Input, internalIds: Iterable<string>) {
	const rows = [...internalIds].flatMap((id) =>
		[...tables.exclusionsOfInternal(input.channelId, input.entity.name, id)].filter(({ kind }) => kind === 'pair')
	);
	return inIdOrder(rows).map(({ internalId, externalId, variantId }) => ({
		internalId: internalId ?? '',
		externalId: externalId ?? '',
		variantId
	}));
}

function seenRecord(row: ChannelRecordRow): SeenRecord {
	const { externalId, variantId, fields, version, stamp, reference, url, matchKeys } = row;
	return { externalId, variantId, fields, version, stamp, reference, url, matchKeys };
}

type Judged = Pick<SuggestionRow, 'score' | 'evidence' | 'ambiguous' | 'best'>;

function sameJudgement(old: SuggestionRow, now: Judged): boolean {
	if (old.score !== now.score || old.ambiguous !== now.ambiguous || old.best !== now.best) return false;
	if (old.evidence.length !== now.evidence.length) return false;
	return old.evidence.every((one, at) => {
		const other = now.evidence[at];
		return (
			one.field === other?.field &&
			one.kind === other.kind &&
			one.internal === other.internal &&
			one.external === other.external &&
			one.percent === other.percent
		);
	});
}

const externalKey = (row: { externalId: string; variantId: string }) => compositeKey(row.externalId, row.variantId);
const externalKeyOfCandidate = (row: { recordId: string; variantId: string }) =>
	compositeKey(row.recordId, row.variantId);
const pairKey = (row: { internalId: string; externalId: string; variantId: string }) =>
	compositeKey(row.internalId, row.externalId, row.variantId);
