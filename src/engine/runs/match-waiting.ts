import type { Candidate } from '#src/store/read-candidates.ts';
import type { ToMatch } from '#src/store/read-to-match.ts';
import { matchInTurns, matchKeysOf, type MatchSuggestion } from '#src/sync/match.ts';
import { isOurReference } from '#src/sync/own-reference.ts';
import { externalText } from '#src/sync/pair-key.ts';
import type { Clock } from '../ports.ts';
import type { RunContext } from './run-context.ts';

/** A slice is as large as memory and a transaction bear with ease. */
const sliceSize = 5000;

/** What this step needs of a run. */
type Matching = Pick<RunContext, 'checkpoint' | 'channel' | 'entity' | 'run'> & {
	ports: { clock: Pick<Clock, 'sleep'>; store: Pick<RunContext['ports']['store'], 'readToMatch' | 'saveMatches'> };
};

/**
 * Suggests pairs for the records that wait, where they are matched by codes and nothing is created. Goes through the list until
 * nothing waits; tells whether anything did.
 */
export async function matchWaiting(run: Matching, size = sliceSize): Promise<boolean> {
	for (let any = false; ; any = true) if (!(await goThrough(run, size))) return any;
}

/** A slice that is compared and saved. */
type InWork = { slice: ToMatch; over: Promise<void> };

/** So many slices are compared and saved while the next one is read. */
const inWorkAtMost = 3;

/**
 * Goes through the list once. While one slice is compared, those before are being saved and the next one read. What two of
 * them found is left to the one before: neither waits for the other. Whatever fails, nothing goes on after the run.
 */
async function goThrough(run: Matching, size: number): Promise<boolean> {
	let slice: ToMatch | null = await readSlice(run, null, size);
	if (!isToMatch(run, slice)) return false;
	const inWork: InWork[] = [];
	while (isToMatch(run, slice)) {
		const last = slice.taken.length < size ? undefined : slice.taken.at(-1);
		const reading: Promise<ToMatch | null> = last ? readSlice(run, last, size) : Promise.resolve(null);
		inWork.push({ slice, over: begin(run, [...inWork], slice) });
		const first = inWork.length < inWorkAtMost ? undefined : inWork.shift();
		const all = Promise.allSettled([reading, first?.over, ...inWork.map(({ over }) => over)]);
		try {
			[slice] = await Promise.race([Promise.all([reading, first?.over]), failureOf(inWork)]);
		} catch (error) {
			await all;
			throw error;
		}
	}
	await Promise.allSettled(inWork.map(({ over }) => over));
	await overOf(inWork);
	return true;
}

const overOf = (inWork: readonly InWork[]) => Promise.all(inWork.map(({ over }) => over));

/** Where what was read later changes what those before say of their records, the later word is saved after theirs. */
async function begin(run: Matching, before: readonly InWork[], slice: ToMatch): Promise<void> {
	const slices = before.map((one) => one.slice);
	const left = slices.every(({ complete }) => complete) ? without(slices, slice, run.entity.matchKeys) : null;
	if (left === null) await overOf(before);
	await matchSlice(run, left ?? slice);
}

/** Never over where none of it fails. */
function failureOf(inWork: readonly InWork[]): Promise<never> {
	return new Promise((_, reject) => inWork.forEach(({ over }) => void over.catch(reject)));
}

/** Without the records that slices before considered; null where one that is left shares a code with one of these, which is news. */
function without(before: readonly ToMatch[], slice: ToMatch, matchKeys: readonly string[]): ToMatch | null {
	const ours = new Set(before.flatMap(({ internals }) => internals.map(({ internalId }) => internalId)));
	const theirs = new Set(before.flatMap(({ externals }) => externals.map(externalText)));
	const internals = Object.groupBy(slice.internals, ({ internalId }) => (ours.has(internalId) ? 'known' : 'left'));
	const externals = Object.groupBy(slice.externals, (one) => (theirs.has(externalText(one)) ? 'known' : 'left'));
	const codesOf = (which: 'known' | 'left') =>
		[...(internals[which] ?? []), ...(externals[which] ?? [])].flatMap(({ fields }) => matchKeysOf(matchKeys, fields));
	const known = new Set(codesOf('known'));
	if (known.size > 0 && codesOf('left').some((code) => known.has(code))) return null;
	const isLeft = (one: Candidate) =>
		one.side === 'internal' ? !ours.has(one.recordId) : !theirs.has(candidateText(one));
	return {
		...slice,
		taken: slice.taken.filter(isLeft),
		internals: internals.left ?? [],
		externals: externals.left ?? []
	};
}

const candidateText = ({ recordId, variantId }: Candidate) => externalText({ externalId: recordId, variantId });

const isToMatch = (run: Matching, slice: ToMatch | null): slice is ToMatch =>
	slice !== null && slice.taken.length > 0 && !isOfOtherSettings(run, slice);

/** Settings that were saved since the run began are for the next one, which may create what this one may not. */
const isOfOtherSettings = ({ channel }: Matching, slice: ToMatch) => slice.settingsRev !== channel.settingsRev;

async function readSlice(run: Matching, after: Candidate | null, limit: number): Promise<ToMatch> {
	await run.checkpoint('adopt');
	return run.ports.store.readToMatch({ channelId: run.channel.id, entity: run.entity, after, limit });
}

async function matchSlice({ ports, channel, entity, run }: Matching, slice: ToMatch): Promise<void> {
	const turns = matchInTurns({
		matchKeys: entity.matchKeys,
		groups: slice.match,
		internal: slice.internals,
		external: slice.externals.filter(({ reference }) => !isOurReference(channel.installationKey, reference)),
		excluded: slice.excludedPairs
	});
	const suggestions = await taking(turns, ports.clock);
	const outside = (side: Candidate['side']) => slice.outside.filter((candidate) => candidate.side === side);
	await ports.store.saveMatches({
		channelId: channel.id,
		entity,
		run: { runId: run.id, attempt: run.attempt },
		internalIds: [
			...slice.internals.map(({ internalId }) => internalId),
			...outside('internal').map(({ recordId }) => recordId)
		],
		externalKeys: [
			...slice.externals.map(({ externalId, variantId }) => ({ id: externalId, variant: variantId })),
			...outside('external').map(({ recordId, variantId }) => ({ id: recordId, variant: variantId }))
		],
		suggestions,
		consumed: [...slice.taken, ...(slice.complete ? counterparts(slice.taken, suggestions) : [])],
		settingsRev: slice.settingsRev
	});
}

/** What comes of it in the end. Between the turns the answers of the database are heard, so that the next slice is read meanwhile. */
async function taking<Result>(turns: Generator<undefined, Result>, clock: Pick<Clock, 'sleep'>): Promise<Result> {
	for (;;) {
		const turn = turns.next();
		if (turn.done) return turn.value;
		await clock.sleep(0);
	}
}

/** Of what was read beside the waiting records, those that fit one: they were considered with it, in full. */
export function counterparts(taken: readonly Candidate[], suggestions: readonly MatchSuggestion[]): Candidate[] {
	const known = { internal: new Set<string>(), external: new Set<string>() };
	const isNew = (one: Candidate) => {
		const before = known[one.side].size;
		return known[one.side].add(candidateText(one)).size > before;
	};
	taken.forEach(isNew);
	return suggestions.flatMap(({ internalId, externalId, variantId }) =>
		[
			{ side: 'internal' as const, recordId: internalId, variantId: '' },
			{ side: 'external' as const, recordId: externalId, variantId }
		].filter(isNew)
	);
}
