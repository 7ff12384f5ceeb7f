import type { InternalRecord } from '#src/entities/entity.ts';
import type { Candidate, CandidateSet } from '#src/store/read-candidates.ts';
import type { AwaitingRow } from '#src/store/save-awaiting.ts';
import type { MatchSuggestion } from '#src/sync/match.ts';
import { isOurReference, referenceOf } from '#src/sync/own-reference.ts';
import { awaitingOf, carriedOver, lookUpReferences } from './references.ts';
import { hiddenCounterparts, skipHidden } from './hidden-counterparts.ts';
import { importExternal, type Imported } from './import-external.ts';
import { matchCandidates } from './match-candidates.ts';
import { counterparts, matchWaiting } from './match-waiting.ts';
import { limitsOf, sendWindowMs, type RunContext } from './run-context.ts';

/** As many as are created in a transaction and a send window. */
const candidatesAtOnce = 200;
/** Where nothing is created, more are matched at a time. */
const candidatesToMatchAtOnce = 1000;

/**
 * Considers records without a link that are in scope: suggests what matches, and where auto-create is on, creates what matches
 * nothing. What moved out of scope loses its suggestions. A record that carries our reference is ours already and never imported. Tells whether there were any.
 */
export async function adoptCandidates(run: RunContext): Promise<boolean> {
	if (!createsAny(run) && !run.entity.keyFields) return matchWaiting(run);
	for (let any = false; ; any = true) {
		await run.checkpoint('adopt');
		const sendBy = run.ports.clock.monotonicMs() + sendWindowMs;
		const set = await run.ports.store.readCandidates({
			channelId: run.channel.id,
			entity: run.entity,
			limit: createsAny(run) ? candidatesAtOnce : candidatesToMatchAtOnce
		});
		// Settings that were saved since this run began are for the next one, which may create what this one may not.
		if (set.taken.length === 0 || set.settingsRev !== run.channel.settingsRev) return any;
		await consider(run, set, sendBy);
	}
}

const createsAny = ({ channel }: RunContext) => channel.autoCreateExternal || channel.autoCreateInternal;

async function consider(run: RunContext, set: CandidateSet, sendBy: number): Promise<void> {
	const { ports, channel, entity } = run;
	const outside = (side: Candidate['side']) => set.outside.filter((candidate) => candidate.side === side);
	const foreign = set.externals.filter(({ reference }) => !isOurReference(channel.installationKey, reference));
	const { suggestions, waiting } = await matchCandidates(run, set, foreign);
	const untold = new Set(waiting.map(({ owner, ownerId, variantId }) => `${owner}\n${ownerId}\n${variantId}`));
	const internals = set.internals.filter(({ id }) => !untold.has(`internal\n${id}\n`));
	const externals = foreign.filter((record) => !untold.has(`external\n${record.externalId}\n${record.variantId}`));
	const { awaiting, left } = await createMatchless(run, { ...set, internals, externals }, suggestions, sendBy);
	const waits = new Set(left.map(keyOf));
	await ports.store.saveMatches({
		channelId: channel.id,
		entity,
		run: { runId: run.run.id, attempt: run.run.attempt },
		internalIds: [...set.internals.map(({ id }) => id), ...outside('internal').map(({ recordId }) => recordId)],
		externalKeys: [
			...set.externals.map(({ externalId, variantId }) => ({ id: externalId, variant: variantId })),
			...outside('external').map(({ recordId, variantId }) => ({ id: recordId, variant: variantId }))
		],
		suggestions,
		consumed: [
			...set.taken.filter((one) => one.side === 'internal' || !waits.has(candidateKey(one))),
			...(set.complete ? counterparts(set.taken, suggestions) : [])
		],
		awaiting: [...waiting, ...awaiting],
		settingsRev: set.settingsRev
	});
}

const keyOf = ({ externalId, variantId }: { externalId: string; variantId: string }) => `${externalId}\n${variantId}`;
const candidateKey = ({ recordId, variantId }: Candidate) => `${recordId}\n${variantId}`;

/** Creates what matches nothing. */
async function createMatchless(
	run: RunContext,
	set: CandidateSet,
	suggestions: readonly MatchSuggestion[],
	sendBy: number
): Promise<Imported> {
	const { channel, entity, held, resource } = run;
	const awaiting: AwaitingRow[] = [];
	if (held.has('creates')) return { awaiting, left: [] };
	const hidden = await hiddenCounterparts(run, set);
	const taken = (side: Candidate['side']) => set.taken.filter((candidate) => candidate.side === side);
	if (
		channel.autoCreateExternal &&
		channel.pushLive &&
		resource.create &&
		resource.capabilities.reference &&
		channel.installationKey !== null
	) {
		const matched = new Set(suggestions.map(({ internalId }) => internalId));
		const wanted = new Set(taken('internal').map(({ recordId }) => recordId));
		const matchless = set.internals.filter(({ id }) => wanted.has(id) && !matched.has(id));
		const [alike, alone] = parted(matchless, ({ id }) => hidden.internalIds.has(id));
		await skipHidden(
			run,
			'create-external',
			alike.map(({ id }) => ({ internalId: id, externalId: null, variantId: '' }))
		);
		awaiting.push(...(await openCreates(run, alone, channel.installationKey)));
	}
	if (channel.autoCreateInternal && channel.pullLive && entity.source?.creates !== false) {
		const matched = new Set(suggestions.map(keyOf));
		const wanted = new Set(taken('external').map(candidateKey));
		const matchless = set.externals.filter((record) => wanted.has(keyOf(record)) && !matched.has(keyOf(record)));
		const [alike, alone] = parted(matchless, (record) => hidden.externalKeys.has(keyOf(record)));
		await skipHidden(
			run,
			'create-internal',
			alike.map(({ externalId, variantId }) => ({ internalId: null, externalId, variantId }))
		);
		const imported = await importExternal(run, alone, sendBy);
		return { awaiting: [...awaiting, ...imported.awaiting], left: imported.left };
	}
	return { awaiting, left: [] };
}

function parted<One>(all: readonly One[], isFirst: (one: One) => boolean): [One[], One[]] {
	return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

async function openCreates(
	run: RunContext,
	records: readonly InternalRecord[],
	installationKey: string
): Promise<AwaitingRow[]> {
	const { ports, channel, entity, resource } = run;
	const references = await lookUpReferences(
		{ store: ports.store, channelId: channel.id, entity, resource },
		records.map(({ fields }) => fields),
		[]
	);
	const awaiting = records.flatMap((record) => {
		const { awaiting: unlinked } = carriedOver(resource, references, 'internal', record.fields);
		const owner = { owner: 'internal' as const, ownerId: record.id, variantId: '' };
		return awaitingOf(channel.name, references, unlinked).map((one) => ({ ...owner, ...one }));
	});
	const waits = new Set(awaiting.map(({ ownerId }) => ownerId));
	const { held } = await ports.store.openIntents({
		channelId: run.channel.id,
		entity: run.entity,
		runId: run.run.id,
		limit: limitsOf(run.channel).creates,
		records: records
			.filter(({ id }) => !waits.has(id))
			.map((record) => ({
				internalId: record.id,
				rev: record.rev,
				fields: record.fields,
				reference: referenceOf(installationKey, run.entity.name, record.id)
			}))
	});
	if (held > 0) run.held.add('creates');
	return awaiting;
}
