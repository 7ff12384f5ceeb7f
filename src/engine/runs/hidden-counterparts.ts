import type { CandidateSet } from '#src/store/read-candidates.ts';
import { matchCandidates } from './match-candidates.ts';
import type { RunContext } from './run-context.ts';

/** A record that is not created, because the other side has one like it that is out of scope. */
export type Hidden = { internalId: string | null; externalId: string | null; variantId: string };

export type HiddenCounterparts = { internalIds: ReadonlySet<string>; externalKeys: ReadonlySet<string> };

const keyOf = ({ externalId, variantId }: { externalId: string; variantId: string }) => `${externalId}\n${variantId}`;

/**
 * The records in scope that look like one out of scope on the other side. That one is not suggested; but creating a second
 * one beside it would make a duplicate.
 */
export async function hiddenCounterparts(run: RunContext, set: CandidateSet): Promise<HiddenCounterparts> {
	const { internals, externals } = set.hidden;
	if (internals.length + externals.length === 0) return { internalIds: new Set(), externalKeys: new Set() };
	const hiddenIds = new Set(internals.map(({ id }) => id));
	const hiddenKeys = new Set(externals.map(keyOf));
	const all = { ...set, internals: [...set.internals, ...internals] };
	const { suggestions: pairs } = await matchCandidates(run, all, [...set.externals, ...externals]);
	return {
		internalIds: new Set(pairs.filter((pair) => hiddenKeys.has(keyOf(pair))).map(({ internalId }) => internalId)),
		externalKeys: new Set(pairs.filter(({ internalId }) => hiddenIds.has(internalId)).map(keyOf))
	};
}

/** Says in the run which records were not created for that reason. */
export async function skipHidden(
	run: RunContext,
	action: 'create-internal' | 'create-external',
	records: readonly Hidden[]
): Promise<void> {
	if (records.length === 0) return;
	const where = action === 'create-external' ? run.channel.name : 'Our side';
	const problem = {
		kind: 'out-of-scope',
		message: `${where} has a record like this one that is out of scope: a new one would be a duplicate.`,
		hint: 'Link the two by hand, or change which records take part.'
	};
	const items = records.map((record) => ({
		...record,
		linkId: null,
		action,
		outcome: 'skipped',
		fields: [],
		problem
	}));
	await run.ports.store.addItems({ runId: run.run.id, phase: 'create', items, counts: { skipped: items.length } });
}
