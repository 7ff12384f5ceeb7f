import type { Step } from './step.ts';
import type { View } from './view.ts';

export type Maker = (view: View) => Step;

const store = (verb: Extract<Step, { port: 'store' }>['verb'], input: Record<string, unknown>): Step => ({
	port: 'store',
	verb,
	input
});

/** Asks for a run: also what is done where there is none yet. */
export const queueRun: Maker = (view) =>
	store('queueRun', {
		channelId: view.channelId,
		entity: view.entity,
		mode: view.random.pick(['incremental', 'full']),
		startedBy: view.random.pick(['schedule', 'ann@example.org']),
		linkIds: view.random.chance(0.7) ? null : view.linkIds(3),
		...(view.random.chance(0.1) ? { planId: view.knownRunId() ?? '1' } : {})
	});

/** Calls of the verbs about runs, scans and channels. */
export const runSteps: Readonly<Record<string, Maker>> = {
	addItems: (view) => {
		const { random, link } = view;
		const runId = view.knownRunId();
		if (runId === null) return queueRun(view);
		const items = Array.from({ length: random.int(3) }, () => {
			const { row, ...pair } = link();
			const about = random.chance(0.2) ? { linkId: null, internalId: null, externalId: 'E1', variantId: '' } : pair;
			return {
				...about,
				...(row ? {} : { variantId: '' }),
				action: random.pick(['push', 'create-internal']),
				outcome: random.pick(['skipped', 'failed', 'pushed']),
				fields: random.some(['price', 'name', 'a "b"'], 3),
				problem: random.chance(0.5) ? null : view.problem(),
				...(random.chance(0.5) ? { plan: { changes: [], internalRev: '1', externalVersion: view.version() } } : {})
			};
		});
		return store('addItems', {
			runId,
			phase: 'preview',
			items,
			counts: { skipped: random.int(4) }
		});
	},
	beginRun: (view) => store('beginRun', { runId: view.runId(view.random.pick(['queued', 'running'])) }),
	compactLinkCounts: () => store('compactLinkCounts', {}),
	confirmMissing: (view) => {
		const keys = () =>
			view.random
				.some(view.rows('c_channel_record', view.here), 3)
				.map((row) => ({ id: row['external_id'], variantId: row['external_variant_id'] }));
		return store('confirmMissing', { channelId: view.channelId, entity: view.entity, gone: keys(), present: keys() });
	},
	databaseNow: () => store('databaseNow', {}),
	drainOutbox: (view) => store('drainOutbox', { entity: view.entity, limit: view.random.pick([1, 3, 500]) }),
	endSweep: (view) =>
		store('endSweep', {
			channelId: view.channelId,
			entity: view.entity,
			startedAt: view.isoAt(1000),
			fingerprint: view.random.pick(['f1', 'f2'])
		}),
	finishRun: (view) =>
		store('finishRun', {
			...view.runHands(),
			state: view.random.pick(['succeeded', 'partial', 'failed', 'cancelled', 'held']),
			problem: view.random.chance(0.5) ? null : view.problem(),
			channelProblem: view.random.chance(0.6) ? null : { ...view.problem(), kind: 'unauthorized' }
		}),
	forgetOldRuns: () => store('forgetOldRuns', {}),
	heartbeatRun: (view) => store('heartbeatRun', { ...view.runHands(), phase: view.random.pick(['scan', 'links']) }),
	holdAbsences: (view) =>
		store('holdAbsences', {
			channelId: view.channelId,
			entity: view.entity,
			runId: view.runId('running'),
			missing: view.random.int(8),
			limit: view.random.int(4)
		}),
	loadChannel: (view) => store('loadChannel', { channelId: view.channelId, entity: view.entity }),
	loadChannelAccess: (view) => store('loadChannelAccess', { channelId: view.channelId }),
	queueRun,
	readLink: (view) => store('readLink', { entity: view.entity, linkId: view.link().linkId }),
	readLinks: (view) =>
		store('readLinks', {
			channelId: view.channelId,
			entity: view.entity,
			afterId: String(view.random.int(4)),
			limit: view.random.pick([1, 3, 100]),
			linkIds: view.random.chance(0.6) ? null : view.linkIds(4)
		}),
	recentWrites: (view) =>
		store('recentWrites', {
			entity: view.entity,
			internalIds: view.random.some(view.rows(view.definition.recordTable), 8).map(view.idOf)
		}),
	recordPage: (view) => {
		const { random } = view;
		const records = Array.from({ length: random.int(5) }, () => {
			const row = random.chance(0.5) ? undefined : view.oneOf('c_channel_record', view.here);
			const fields = random.chance(0.6) || !row ? view.wholeFields() : row['fields'];
			const { value, gtin } = fields as Record<string, unknown>;
			const keys = Object.entries({ value, gtin }).flatMap(([field, code]) =>
				code ? [`${field}=${String(code).toLowerCase()}`] : []
			);
			return {
				externalId: row?.['external_id'] ?? `E${random.int(25)}`,
				variantId: row?.['external_variant_id'] ?? (random.chance(0.15) ? 'V1' : ''),
				fields,
				version: view.version(),
				stamp: view.stamp(),
				reference: random.chance(0.85) ? null : `cm-simkey-${view.entity}-${view.internalId()}`,
				url: random.chance(0.8) ? null : 'https://erp.example/1',
				matchKeys: keys
			};
		});
		return store('recordPage', {
			channelId: view.channelId,
			entity: view.entity,
			records,
			complete: random.chance(0.5),
			cursor: random.chance(0.5) ? null : view.isoAt(5000),
			run: random.chance(0.3) ? null : view.runHands()
		});
	},
	requestCancel: (view) => store('requestCancel', { runId: view.runId(view.random.pick(['queued', 'running'])) }),
	requeueRun: (view) => store('requeueRun', view.runHands()),
	suspectMissing: (view) =>
		store('suspectMissing', {
			channelId: view.channelId,
			entity: view.entity,
			startedAt: view.isoAt(view.random.pick([0, 1000, 60_000])),
			limit: view.random.pick([1, 3, 50])
		}),
	takePlan: (view) =>
		store('takePlan', {
			planId: view.knownRunId() ?? '1',
			entity: view.entity,
			afterId: '0',
			limit: view.random.pick([1, 100])
		})
};
