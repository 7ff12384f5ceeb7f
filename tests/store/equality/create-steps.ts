import type { Maker } from './run-steps.ts';
import type { Step } from './step.ts';
import type { View } from './view.ts';

const store = (verb: Extract<Step, { port: 'store' }>['verb'], input: Record<string, unknown>): Step => ({
	port: 'store',
	verb,
	input
});
/** The engine knows its channel. */
const here = ({ channelId, entity }: View) => ({ channelId: channelId === '999' ? '1' : channelId, entity });
const intentOf = (view: View) => view.oneOf('sync_intent', view.here);

/** Calls of the verbs about matching and creating. */
export const createSteps: Readonly<Record<string, Maker>> = {
	bindIntent: (view) => {
		const intent = intentOf(view);
		const { externalId, variantId } = view.random.chance(0.5)
			? { externalId: `N${view.random.int(9)}`, variantId: '' }
			: view.external();
		const internalId = String(intent?.['internal_id'] ?? view.internalId());
		return store('bindIntent', {
			intentId: view.idOf(intent),
			runId: view.runId('running'),
			action: view.random.pick(['create-external', 'adopt']),
			link: {
				...here(view),
				internalId,
				externalId,
				variantId,
				baseInternal: view.fields(3),
				baseExternal: view.fields(3),
				unconfirmed: view.random.some(view.textFields, 2),
				internalVersion: '1',
				externalVersion: view.version(),
				externalStamp: view.stamp(),
				codecFingerprint: 'f1'
			},
			seen: {
				version: view.version(),
				stamp: view.stamp(),
				reference: `cm-simkey-${view.entity}-${internalId}`,
				url: null,
				matchKeys: ['value=n']
			}
		});
	},
	claimIntents: (view) =>
		store('claimIntents', {
			...here(view),
			workerId: view.workerId(),
			leaseMs: view.random.pick([1000, 30_000]),
			settleMs: view.random.pick([0, 5000]),
			limit: view.random.pick([1, 10])
		}),
	findReferences: (view) => {
		const wanted = ['product', 'business-partner'].map((to) => {
			const some = [...view.awaiting(), ...view.awaiting(), ...view.awaiting()].filter(
				({ toEntity }) => toEntity === to
			);
			const of = (side: string) => [...new Set(some.filter((one) => one.side === side).map(({ refId }) => refId))];
			return { to, internal: of('internal'), external: of('external') };
		});
		return store('findReferences', { channelId: view.channelId, wanted });
	},
	failIntent: (view) =>
		store('failIntent', {
			intentId: view.idOf(intentOf(view)),
			workerId: view.workerId(),
			runId: view.runId('running'),
			state: view.random.pick(['open', 'open', 'problem', 'dropped']),
			notSent: view.random.chance(0.5),
			retryDelayMs: view.random.pick([0, 1500]),
			problem: view.problem()
		}),
	importRecord: (view) =>
		store('importRecord', {
			...here(view),
			runId: view.runId('running'),
			limit: view.random.int(6),
			...view.external(),
			externalFields: view.fields(4),
			...(view.random.chance(0.3) && { externalBase: view.fields(2) }),
			externalVersion: view.version(),
			externalStamp: view.stamp(),
			fields: view.wholeFields(),
			changed: view.random.chance(0.5) ? {} : { name: view.isoAt(9000) },
			codecFingerprint: 'f1'
		}),
	markIntentSent: (view) =>
		store('markIntentSent', { intentId: view.idOf(intentOf(view)), workerId: view.workerId(), leaseMs: 30_000 }),
	openIntents: (view) => {
		const records = view.random.some(view.rows(view.definition.recordTable), 3).map((row) => ({
			internalId: view.idOf(row),
			rev: String(row['rev']),
			fields: view.fields(4),
			reference: `cm-simkey-${view.entity}-${view.idOf(row)}`
		}));
		return store('openIntents', { ...here(view), runId: view.runId('running'), limit: view.random.int(6), records });
	},
	readCandidates: (view) => store('readCandidates', { ...here(view), limit: view.random.pick([1, 5, 100]) }),
	readToMatch: (view) => {
		const waiting = view.oneOf('sync_candidate', view.here);
		const after =
			waiting && view.random.chance(0.3)
				? { side: waiting['side'], recordId: waiting['record_id'], variantId: waiting['external_variant_id'] }
				: null;
		return store('readToMatch', { ...here(view), after, limit: view.random.pick([1, 5, 100]) });
	},
	saveMatches: (view) => {
		const { random } = view;
		const placeOf = (row: Readonly<Record<string, unknown>>) =>
			[row['side'], row['record_id'], row['external_variant_id']].map(String).join('\n');
		const candidates = random
			.some(view.rows('sync_candidate', view.here), 6)
			.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
		const suggestions = Array.from({ length: random.int(3) }, () => ({
			internalId: view.internalId(),
			...view.external(),
			// Two that the opening left without a link.
			...(random.chance(0.4)
				? { internalId: random.pick(['4', '5']), externalId: random.pick(['E4', 'E5', 'E6']), variantId: '' }
				: {}),
			score: random.pick([70, 80, 100]),
			evidence: random.chance(0.5)
				? []
				: [{ field: 'name', kind: 'alike', internal: 'a', external: 'b', percent: random.pick([30, 90]) }],
			ambiguous: random.chance(0.3),
			best: random.chance(0.7)
		}));
		const pairs = suggestions.map(
			({ internalId, externalId, variantId }) => `${internalId} ${externalId} ${variantId}`
		);
		const [settings] = view.rows('c_channel_entity', view.here);
		return store('saveMatches', {
			...here(view),
			run: view.runHands(),
			settingsRev: random.chance(0.1) ? 99 : Number(settings?.['settings_rev'] ?? 0),
			internalIds: random.some(view.rows(view.definition.recordTable), 3).map(view.idOf),
			externalKeys: random
				.some(view.rows('c_channel_record', view.here), 3)
				.map((row) => ({ id: row['external_id'], variant: row['external_variant_id'] })),
			suggestions: suggestions.filter((_, place) => pairs.indexOf(pairs[place] ?? '') === place),
			consumed: candidates.map((row) => ({
				side: row['side'],
				recordId: row['record_id'],
				variantId: row['external_variant_id']
			})),
			awaiting: candidates
				.filter(() => random.chance(0.4))
				.flatMap((row) =>
					view.awaiting().map((one) => ({
						owner: row['side'],
						ownerId: row['record_id'],
						variantId: row['external_variant_id'],
						...one
					}))
				)
		});
	}
};
