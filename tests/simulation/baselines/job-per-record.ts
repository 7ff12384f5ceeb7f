import type { ExternalRecord, Page, Resource } from '#src/engine/connectors/connector.ts';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import { epochMicros, isoFromMicros } from '#src/sync/settle.ts';
import type { SimulatedChannel } from '../channel.ts';
import { openChannel, type Baseline, type Surroundings } from './baseline.ts';
import { createJobTables, type Bound, type Job } from './job-tables.ts';
import { only } from './map-tables.ts';

type Work = {
	job: Job;
	channel: SimulatedChannel;
	resource: Resource;
	tables: ReturnType<typeof createJobTables>['verbs'];
	nowMicros: () => bigint;
	takenUp: Surroundings['takenUp'];
};

/** How far back each look for changes starts before the newest one known, as connector-magento has it. */
const bufferMicros = 30_000_000n;

/** The job cannot go on now; another try is due soon. */
class Retry extends Error {}

/**
 * The pattern of the OCA connectors (binding with `sync_date`, one queue job a record and event), after the exporter and
 * importer of connector-magento 10.0: an edit of ours queues an export of the fields it named; before it is sent, a
 * channel that changed since `sync_date` gets an import queued; an import is left out where the channel's `updated_at` is
 * older than `sync_date`. Row lock at an export, advisory lock at an import, failed calls tried again without end, jobs of
 * dead processes started again. Kinder than the original: the checkpoint is the newest stamp seen instead of the local
 * clock, an export reaches every other channel, and what is gone at a channel is not created there again.
 */
export const jobPerRecord: Baseline = (surroundings) => {
	const { channels, takenUp } = surroundings;
	const { verbs, watched, imports, busy, requeueFailed } = createJobTables(surroundings);
	return {
		directory: watched,
		imports: () => imports,
		busy,
		tidyUp: requeueFailed,
		engine(ports, reach) {
			const tables = reach(verbs);
			const worker = ports.workerId;
			return {
				/** The cron of a channel, and the job runner that looks for what waits. */
				async requestRun({ channelId, entity, mode }) {
					await tables.addJob({ kind: 'batch', channelId, entity, recordId: '', fields: null, force: mode === 'full' });
					for (const id of await tables.dueJobs()) await ports.queue.send({ runId: id });
					return { runId: '' };
				},
				async performRun(runId) {
					const putBack = (pointless: boolean) => stubbornly(() => tables.putBack({ id: runId, worker, pointless }));
					try {
						const job = await tables.startJob({ id: runId, worker });
						const channel = job && channels.find(({ id }) => id === job.channelId);
						const resource = channel && openChannel(ports, channel).resource(job.entity);
						if (!job || !channel || !resource) return;
						const nowMicros = () => BigInt(Math.round(ports.clock.nowMs() * 1000));
						await performJob({ job, channel, resource, tables, nowMicros, takenUp });
						await tables.endJob(job.id);
					} catch (error) {
						ports.log.warn(String(error));
						await putBack(error instanceof ConnectorError && error.kind === 'rejected');
					}
				},
				searchRecords: async () => [],
				explain: async () => null
			};
		}
	};
};

async function performJob(work: Work): Promise<void> {
	const { job, tables } = work;
	if (job.kind === 'batch') return lookForChanges(work);
	const key = `${job.kind} ${job.channelId} ${job.entity} ${job.recordId}`;
	if (!(await tables.tryLock({ key, id: job.id }))) throw new Retry('a concurrent job works on the same record');
	return job.kind === 'export' ? exportRecord(work) : importRecord(work);
}

/** What the database does by itself when a transaction ends cannot fail with the connection. */
async function stubbornly(act: () => Promise<void>): Promise<void> {
	for (let tries = 0; tries < 5; tries++) {
		try {
			return await act();
		} catch {
			// Over a new connection.
		}
	}
}

/** One import job for each record that changed since the last look, or for all of them. */
async function lookForChanges({ job, channel, resource, tables }: Work): Promise<void> {
	const since = job.force ? null : await tables.checkpoint(job);
	const from = since === null ? null : isoFromMicros((epochMicros(since) ?? 0n) - bufferMicros);
	let checkpoint = since;
	for (let cursor: string | null = null; ;) {
		const { changes, list } = resource;
		const page: Page = await (from !== null && changes ? changes(from, cursor) : list(cursor));
		const ids: string[] = [];
		for (const external of page.records) {
			const found = await tables.toImport({ ...job, recordId: external.id });
			if (found ? !isUpToDate(found, external) : channel.plan.autoCreateInternal) ids.push(external.id);
			if (external.stamp !== null && (checkpoint === null || external.stamp > checkpoint)) checkpoint = external.stamp;
		}
		cursor = page.next;
		await tables.saveBatch({ ...job, ids, checkpoint: cursor === null ? checkpoint : null });
		if (cursor === null) return;
	}
}

/** `_is_uptodate`: the last synchronisation is younger than the channel's last change. */
function isUpToDate({ syncedAt }: Bound, { stamp }: ExternalRecord): boolean {
	const changedAt = epochMicros(stamp ?? '');
	return changedAt !== null && syncedAt !== null && changedAt < syncedAt;
}

async function importRecord({ job, channel, resource, tables, nowMicros, takenUp }: Work): Promise<void> {
	const { channelId, entity, recordId } = job;
	const [external] = await resource.read([{ id: recordId, variantId: '' }]);
	if (!external) return;
	const found = await tables.toImport(job);
	if (!found) {
		if (channel.plan.autoCreateInternal) await tables.insertLinked({ ...job, external, at: nowMicros() });
		return;
	}
	if (!job.force && isUpToDate(found, external)) return;
	takenUp(entity, { channelId, internalId: found.record.id, externalId: recordId });
	const values = { id: found.record.id, externalId: recordId, fields: external.fields, at: nowMicros() };
	await tables.saveImport({ channelId, entity, ...values });
}

async function exportRecord(work: Work): Promise<void> {
	const { job, channel, resource, tables, nowMicros, takenUp } = work;
	const { channelId, entity } = job;
	const found = await tables.toExport(job);
	if (!found) return;
	const { link, record } = found;
	if (!link) return channel.plan.autoCreateExternal ? createThere(work, found) : undefined;
	const key = { id: link.externalId, variantId: '' };
	const [external] = await resource.read([key]);
	if (!external) return;
	// `_should_import`: so that what was entered there is not missed.
	if (!isUpToDate(found, external))
		await tables.addJob({ kind: 'import', channelId, entity, recordId: link.externalId, fields: null, force: true });
	takenUp(entity, link);
	const known = resource.fields.map(({ name }) => name);
	const fields = only(job.fields?.filter((name) => known.includes(name)) ?? known, record.fields);
	await resource.update?.({ ...key, version: null, fields });
	await tables.bind({ channelId, entity, externalId: link.externalId, at: nowMicros() });
}

/** Creates, then binds and commits at once. A unique key that is taken means that it was created before. */
async function createThere({ job, resource, tables, nowMicros }: Work, { record }: Bound): Promise<void> {
	if (!resource.create) return;
	const reference = `${job.entity}-${record.id}`;
	const names = resource.fields.map(({ name }) => name);
	const made = await resource
		.create({ reference, fields: only(names, record.fields) })
		.catch(async (error: unknown) => {
			if (!(error instanceof ConnectorError) || error.kind !== 'duplicate') throw error;
			return (await resource.findByReference?.([reference]))?.[0];
		});
	if (!made) throw new Retry('created before, and not to be found yet');
	const { channelId, entity } = job;
	await tables.bindCreated({ channelId, entity, internalId: record.id, external: made, at: nowMicros() });
}
