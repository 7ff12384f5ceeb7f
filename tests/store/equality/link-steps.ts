import type { Fields, Value } from '#src/sync/fields.ts';
import { queueRun, type Maker } from './run-steps.ts';
import type { Step } from './step.ts';
import type { Row, View } from './view.ts';

const store = (verb: Extract<Step, { port: 'store' }>['verb'], input: Record<string, unknown>): Step => ({
	port: 'store',
	verb,
	input
});

function conflicts(view: View, decided: boolean, internalId: string) {
	const { random, definition } = view;
	const record = view.rows(definition.recordTable, ({ id }) => String(id) === internalId)[0];
	return random.some(definition.fields, 2).map(({ name }) => ({
		field: name,
		base: view.value(name),
		internal: random.chance(0.6) ? ((record?.[name] ?? null) as Value) : view.value(name),
		external: view.value(name),
		rule: random.pick(['ask', 'first-contact: ask', 'newest-wins', 'internal-wins']),
		winner: decided ? random.pick(['internal', 'external']) : null
	}));
}

function pull(view: View, internalId: string) {
	const record = view.rows(view.definition.recordTable, (row) => String(row['id']) === internalId)[0];
	const fields: Fields = { ...view.fields(2), [view.random.pick(view.definition.fields).name]: 'x' };
	const known = Object.keys(fields).map((field) => [field, view.value(field)] as const);
	const stamps = view.random.some(known, 2).map(([field]) => [field, view.isoAt(view.random.int(50_000))]);
	return {
		id: internalId,
		rev: view.random.chance(0.85) ? String(record?.['rev'] ?? '1') : '99',
		fields: Object.fromEntries(known),
		changed: Object.fromEntries(stamps) as Record<string, string>
	};
}

function commitRow(view: View, row: Row) {
	const { random, definition } = view;
	const { internalColumn, externalColumn } = definition.mapNames;
	const internalId = String(row[internalColumn]);
	const outcome = random.chance(0.2)
		? null
		: random.pick(['in-sync', 'pulled', 'pushed', 'merged', 'conflicted', 'failed', 'skipped']);
	const attempts = [{ tag: `t${random.int(9)}`, external: view.fields(2), internal: view.fields(2) }];
	return {
		linkId: view.idOf(row),
		internalId,
		externalId: String(row[externalColumn]),
		variantId: String(row['external_variant_id']),
		stateRev: random.chance(0.9) ? String(row['state_rev']) : '77',
		dirtySeq: random.chance(0.9) ? String(row['dirty_seq']) : '1',
		clean: random.chance(0.7),
		keepClaim: random.chance(0.3),
		status: random.pick(['in-sync', 'pending', 'conflict', 'failed', 'quarantined', 'orphan', 'awaiting']),
		waiting: random.chance(0.8) ? null : 'push',
		problem: random.chance(0.7) ? null : { ...view.problem(), ...(random.chance(0.5) ? { field: 'price' } : {}) },
		tries: random.int(5),
		retryDelayMs: random.pick([0, 0, 1500, 60_000]),
		bases: { internal: view.fields(3), external: view.fields(3) },
		unconfirmed: random.some(view.textFields, 2),
		internalVersion: random.chance(0.5) ? null : String(random.int(5)),
		externalVersion: view.version(),
		externalStamp: view.stamp(),
		stampPassed: random.chance(0.3),
		codecFingerprint: random.pick(['f1', 'f2']),
		pendingWrite: random.chance(0.7) ? null : { attempts },
		pull: random.chance(0.5) ? null : pull(view, internalId),
		effect: random.chance(0.4) ? null : random.pick(['deactivations', 'updates']),
		seen: random.chance(0.5) ? null : { fields: view.fields(3), version: view.version(), stamp: view.stamp() },
		asked: random.chance(0.4) ? null : conflicts(view, false, internalId),
		settled: random.chance(0.5) ? [] : conflicts(view, true, internalId),
		...(random.chance(0.4) && { awaiting: view.awaiting() }),
		journal: random.chance(0.4)
			? null
			: {
					action: random.pick(['pull', 'push', 'merge']),
					inputs: { clock: null, nested: { a: [1, 'x', null] } },
					shadow: random.chance(0.6)
						? []
						: [{ field: 'price', side: random.pick(['internal', 'external']), value: view.value('price') }],
					changes: [
						{
							field: 'price',
							side: random.pick(['internal', 'external']),
							before: null,
							after: view.value('price'),
							rule: 'r'
						}
					]
				},
		item: random.chance(0.4) ? null : { action: 'push', fields: random.some(view.textFields, 2) },
		outcome
	};
}

/** Links with different records of ours: more are never in one commit. */
function distinct(view: View, most: number): Row[] {
	const { table, internalColumn } = view.definition.mapNames;
	const rows = view.random.some(view.rows(table, view.here), most);
	return rows.filter(
		(row, place) => rows.findIndex((other) => other[internalColumn] === row[internalColumn]) === place
	);
}

/**
 * One statement writes all pulled records, in an order of the planner's choice, which the ids of their hints tell. So only
 * one pull finds its record as it was read; others that there are come too late.
 */
function onePull(rows: ReturnType<typeof commitRow>[]) {
	const first = rows.findIndex((row) => row.pull !== null);
	return rows.map((row, place) => (row.pull && place > first ? { ...row, pull: { ...row.pull, rev: '99' } } : row));
}

/** Calls of the verbs about the state of links. */
export const linkSteps: Readonly<Record<string, Maker>> = {
	claimLinks: (view) =>
		store('claimLinks', {
			channelId: view.channelId,
			entity: view.entity,
			workerId: view.workerId(),
			leaseMs: view.random.pick([1000, 30_000]),
			limit: view.random.pick([1, 3, 100]),
			linkIds: view.random.chance(0.7) ? null : view.linkIds(4)
		}),
	commitLinks: (view) => {
		const runId = view.knownRunId();
		if (runId === null) return queueRun(view);
		return store('commitLinks', {
			channelId: view.channelId,
			entity: view.entity,
			runId,
			workerId: view.workerId(),
			leaseMs: 30_000,
			limits: { creates: 2, deactivations: view.random.int(3), updates: view.random.int(6) },
			rows: onePull(distinct(view, 4).map((row) => commitRow(view, row)))
		});
	},
	markStaleLinks: (view) =>
		store('markStaleLinks', {
			channelId: view.channelId,
			entity: view.entity,
			afterId: String(view.random.int(3)),
			limit: view.random.pick([1, 3, 100]),
			fingerprint: view.random.pick(['f1', 'f2'])
		}),
	releaseLinks: (view) =>
		store('releaseLinks', {
			entity: view.entity,
			workerId: view.workerId(),
			linkIds: view.linkIds(4),
			delayMs: view.random.pick([0, 1, 2500])
		})
};
