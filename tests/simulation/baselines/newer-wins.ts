import type { ExternalRecord, Resource } from '#src/engine/connectors/connector.ts';
import { ConnectorError, type ConnectorErrorKind } from '#src/engine/connectors/error.ts';
import type { Ports } from '#src/engine/ports.ts';
import type { InternalRecord } from '#src/entities/entity.ts';
import { epochMicros } from '#src/sync/settle.ts';
import type { SimulatedChannel } from '../channel.ts';
import { openChannel, type Baseline, type Surroundings } from './baseline.ts';
import { createMapTables, differing, only, type Pair, type Place } from './map-tables.ts';

type Tables = ReturnType<typeof createMapTables>['verbs'];

/** One "Sync Products" task on its way. */
type Task = {
	place: Place;
	channel: SimulatedChannel;
	resource: Resource;
	clock: Ports['clock'];
	tables: Tables;
	takenUp: Surroundings['takenUp'];
};

/**
 * The synchronisation process of the document that the product was born from, taken at its word: fetch all mapped
 * records, fetch each one's state at the channel, compare the two `updated_at`, let the newer side overwrite the older
 * one, create what is new. Written as its reader would write it: one task at a time for a channel and entity, calls tried
 * three times, sides that already agree left alone, only what differs written, one bad record costs only itself.
 */
export const newerWins: Baseline = (surroundings) => {
	const { directory, channels, lives, takenUp } = surroundings;
	const { verbs, imports } = createMapTables(surroundings);
	const locks = new Map<string, string>();
	let attempts = 0;
	const lockVerbs = {
		/** An advisory lock: it goes with the process that holds it. */
		async tryLock({ key, holder }: { key: string; holder: string }): Promise<boolean> {
			const [worker = ''] = locks.get(key)?.split(' ') ?? [];
			if (lives(worker)) return false;
			locks.set(key, holder);
			return true;
		}
	};
	return {
		directory,
		imports: () => imports,
		busy: () => false,
		tidyUp: () => {},
		engine(ports, reach) {
			const tables = reach({ ...verbs, ...lockVerbs });
			return {
				async requestRun({ channelId, entity }) {
					const runId = JSON.stringify({ channelId, entity });
					await ports.queue.send({ runId });
					return { runId };
				},
				async performRun(runId) {
					const place = JSON.parse(runId) as Place;
					const channel = channels.find(({ id }) => id === place.channelId);
					const resource = channel && openChannel(ports, channel).resource(place.entity);
					if (!channel || !resource) return;
					const holder = `${ports.workerId} ${(attempts += 1)}`;
					try {
						if (!(await tables.tryLock({ key: runId, holder }))) return;
						await sync({ place, channel, resource, clock: ports.clock, tables, takenUp });
					} catch (error) {
						// The next task begins anew.
						ports.log.warn(String(error));
					} finally {
						if (locks.get(runId) === holder) locks.delete(runId);
					}
				},
				searchRecords: async () => [],
				explain: async () => null
			};
		}
	};
};

async function sync(task: Task): Promise<void> {
	const { place, channel, resource, tables } = task;
	for (const pair of await tables.mapped(place)) await apart(() => syncPair(task, pair));
	if (channel.plan.autoCreateExternal)
		for (const record of await tables.unmapped(place)) await apart(() => createThere(task, record));
	if (!channel.plan.autoCreateInternal) return;
	const known = new Set((await tables.mapped(place)).map(({ link }) => link.externalId));
	for (let cursor: string | null = null; ;) {
		const page = await retrying(task, () => resource.list(cursor));
		for (const external of page.records) {
			if (known.has(external.id)) continue;
			known.add(external.id);
			await tables.insertLinked({ ...place, external });
		}
		cursor = page.next;
		if (cursor === null) return;
	}
}

async function syncPair(task: Task, { link, record }: Pair): Promise<void> {
	const { resource, tables, place } = task;
	const key = { id: link.externalId, variantId: link.variantId };
	const [external] = await retrying(task, () => resource.read([key]));
	if (!external) return;
	const names = differing(resource, record.fields, external.fields);
	if (names.length === 0) return;
	task.takenUp(place.entity, link);
	if (isNewer(external, record))
		return tables.update({ entity: place.entity, id: record.id, fields: only(names, external.fields) });
	const fields = only(names, record.fields);
	await retrying(task, async () => resource.update?.({ ...key, version: null, fields }));
}

/** A channel's record without a stamp was never edited there. */
function isNewer({ stamp }: ExternalRecord, { updatedAt }: InternalRecord): boolean {
	return (epochMicros(stamp ?? '') ?? 0n) > (epochMicros(updatedAt) ?? 0n);
}

/** Creates, then links. A unique key that is taken means that it was created before. */
async function createThere({ resource, tables, place }: Task, { id, fields }: InternalRecord): Promise<void> {
	if (!resource.create) return;
	const reference = `${place.entity}-${id}`;
	const names = resource.fields.map(({ name }) => name);
	const made = await resource.create({ reference, fields: only(names, fields) }).catch(async (error: unknown) => {
		if (!(error instanceof ConnectorError) || error.kind !== 'duplicate') throw error;
		return (await resource.findByReference?.([reference]))?.[0];
	});
	if (made) await tables.link({ ...place, internalId: id, external: made });
}

const passes: ReadonlySet<ConnectorErrorKind> = new Set([
	'unreachable',
	'rate-limited',
	'unauthorized',
	'invalid-reply'
]);

/** Three tries of what may pass. */
async function retrying<T>({ clock }: Task, call: () => Promise<T>): Promise<T> {
	for (let tries = 1; ; tries++) {
		try {
			return await call();
		} catch (error) {
			if (tries === 3 || !(error instanceof ConnectorError) || !passes.has(error.kind)) throw error;
			await clock.sleep(error.retryAfterMs ?? tries * 1_000);
		}
	}
}

const stops: ReadonlySet<ConnectorErrorKind> = new Set(['unreachable', 'rate-limited', 'unauthorized']);

/** What goes wrong with one record keeps no other one waiting. */
async function apart(act: () => Promise<void>): Promise<void> {
	try {
		await act();
	} catch (error) {
		if (!(error instanceof ConnectorError) || stops.has(error.kind)) throw error;
	}
}
