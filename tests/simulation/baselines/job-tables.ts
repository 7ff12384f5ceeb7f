import type { ExternalRecord } from '#src/engine/connectors/connector.ts';
import type { InternalRecord } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { Directory, LinkRow } from '../directory.ts';
import type { Surroundings } from './baseline.ts';
import { createMapTables, type Place } from './map-tables.ts';

/** What a job does: `batch` looks for changes at the channel, `import` and `export` bring one record over. */
export type Job = Place & {
	id: string;
	kind: 'batch' | 'import' | 'export';
	/** The channel's id of the record for an import, ours for an export. */
	recordId: string;
	/** An export's fields, those that an edit named; null for all. */
	fields: readonly string[] | null;
	/** An import that does not ask whether it is up to date; a batch that goes over everything. */
	force: boolean;
};
type JobRow = Job & { state: 'pending' | 'started' | 'failed'; tries: number; dueMs: number; worker: string };

/** A record of ours with its binding to the channel, and when that was synchronised last (engine's clock, microseconds). */
export type Bound = { record: InternalRecord; link: LinkRow | null; syncedAt: bigint | null };

/**
 * The database of the job-per-record pattern: records and bindings, `sync_date` beside each binding, one row a job, made
 * in the transaction of the edit that it is for, and locks that go with the process which holds them.
 */
export function createJobTables(surroundings: Surroundings) {
	const { directory, channels, timeline, deliver, lives } = surroundings;
	const map = createMapTables(surroundings);
	const jobs = new Map<string, JobRow>();
	const synced = new Map<string, bigint>();
	const checkpoints = new Map<string, string>();
	const locks = new Map<string, string>();
	let last = 0;
	const placeKey = ({ channelId, entity }: Place) => `${channelId} ${entity}`;

	/** One job of a kind and record waits at a time, as an identity key has it; of exports the fields are united. */
	function addJob(job: Omit<Job, 'id'>): void {
		for (const row of jobs.values()) {
			const same = row.kind === job.kind && row.recordId === job.recordId && placeKey(row) === placeKey(job);
			if (!same || row.state !== 'pending') continue;
			row.force ||= job.force;
			row.fields = row.fields && job.fields && [...new Set([...row.fields, ...job.fields])];
			return;
		}
		const id = String((last += 1));
		jobs.set(id, { ...job, id, state: 'pending', tries: 0, dueMs: timeline.nowMs(), worker: '' });
		timeline.after(20, null, () => deliver({ runId: id }));
	}

	/** What the listeners do when a record of ours changes: an export to each channel but the one that it came from. */
	async function changed(entity: string, id: string, fields: readonly string[] | null, from: string | null) {
		const links = await directory.links(entity);
		for (const channel of channels) {
			if (channel.id === from || !channel.plan.entities.includes(entity)) continue;
			const bound = links.some(({ channelId, internalId }) => channelId === channel.id && internalId === id);
			if (bound || channel.plan.autoCreateExternal)
				addJob({ kind: 'export', channelId: channel.id, entity, recordId: id, fields, force: false });
		}
	}

	const watched: Directory = {
		...directory,
		async insert(entity, fields) {
			const id = await directory.insert(entity, fields);
			await changed(entity, id, null, null);
			return id;
		},
		async update(entity, id, fields) {
			await directory.update(entity, id, fields);
			await changed(entity, id, Object.keys(fields), null);
		}
	};
	const linkTo = async (place: Place, side: 'internalId' | 'externalId', id: string) =>
		(await directory.links(place.entity)).find((row) => row.channelId === place.channelId && row[side] === id) ?? null;
	const bound = async (place: Place, record: InternalRecord | null, link: LinkRow | null): Promise<Bound | null> =>
		record && { record, link, syncedAt: synced.get(`${placeKey(place)} ${link?.externalId}`) ?? null };

	return {
		watched,
		imports: map.imports,
		busy: () => [...jobs.values()].some(({ kind, state }) => kind !== 'batch' && state !== 'failed'),
		/** A person looks through the failed jobs and starts them again. */
		requeueFailed(): void {
			for (const row of jobs.values()) if (row.state === 'failed') Object.assign(row, { state: 'pending', tries: 0 });
		},
		verbs: {
			addJob: async (job: Omit<Job, 'id'>) => addJob(job),
			/** Jobs that are due; those of a dead process are pending again. */
			async dueJobs(): Promise<string[]> {
				for (const row of jobs.values())
					if (row.state === 'started' && !lives(row.worker)) Object.assign(row, { state: 'pending' });
				const due = [...jobs.values()].filter(({ state, dueMs }) => state === 'pending' && dueMs <= timeline.nowMs());
				return due.map(({ id }) => id);
			},
			async startJob({ id, worker }: { id: string; worker: string }): Promise<Job | null> {
				const row = jobs.get(id);
				if (row?.state !== 'pending' || row.dueMs > timeline.nowMs()) return null;
				Object.assign(row, { state: 'started', worker, tries: row.tries + 1 });
				return { ...row };
			},
			async endJob(id: string): Promise<void> {
				jobs.delete(id);
			},
			/** The job waits for another try; one that is pointless waits for a person. */
			async putBack({ id, worker, pointless }: { id: string; worker: string; pointless: boolean }): Promise<void> {
				const row = jobs.get(id);
				if (row?.state !== 'started' || row.worker !== worker) return;
				const delayMs = Math.min(row.tries, 6) * 5_000;
				Object.assign(row, { state: pointless ? 'failed' : 'pending', dueMs: timeline.nowMs() + delayMs });
				if (!pointless) timeline.after(delayMs, null, () => deliver({ runId: id }));
			},
			/** A lock that goes with the job's transaction: with its end, whichever that is. */
			async tryLock({ key, id }: { key: string; id: string }): Promise<boolean> {
				const holder = jobs.get(locks.get(key) ?? '');
				if (holder && holder.id !== id && holder.state === 'started' && lives(holder.worker)) return false;
				locks.set(key, id);
				return true;
			},
			checkpoint: async (place: Place) => checkpoints.get(placeKey(place)) ?? null,
			/** The jobs of a batch and the checkpoint behind it, in one transaction. */
			async saveBatch(input: Place & { ids: readonly string[]; checkpoint: string | null }): Promise<void> {
				const { channelId, entity, checkpoint } = input;
				for (const recordId of input.ids)
					addJob({ kind: 'import', channelId, entity, recordId, fields: null, force: false });
				if (checkpoint !== null) checkpoints.set(placeKey(input), checkpoint);
			},
			async toExport(place: Place & { recordId: string }): Promise<Bound | null> {
				const record = await directory.read(place.entity, place.recordId);
				return bound(place, record, await linkTo(place, 'internalId', place.recordId));
			},
			async toImport(place: Place & { recordId: string }): Promise<Bound | null> {
				const link = await linkTo(place, 'externalId', place.recordId);
				return bound(place, link && (await directory.read(place.entity, link.internalId)), link);
			},
			/** Notes when a binding was synchronised, the only thing that is known of it. */
			async bind(input: Place & { externalId: string; at: bigint }): Promise<void> {
				synced.set(`${placeKey(input)} ${input.externalId}`, input.at);
			},
			async bindCreated(input: Place & { internalId: string; external: ExternalRecord; at: bigint }): Promise<void> {
				await map.verbs.link(input);
				synced.set(`${placeKey(input)} ${input.external.id}`, input.at);
			},
			/** The values of an import, its binding's time, and the exports to other channels, in one transaction. */
			async saveImport(input: Place & { id: string; externalId: string; fields: Fields; at: bigint }): Promise<void> {
				const { entity, id, fields, channelId } = input;
				const before = await directory.read(entity, id);
				await directory.update(entity, id, fields);
				const after = await directory.read(entity, id);
				const moved = Object.keys(fields).filter((name) => before?.fields[name] !== after?.fields[name]);
				if (moved.length > 0) await changed(entity, id, moved, channelId);
				synced.set(`${placeKey(input)} ${input.externalId}`, input.at);
			},
			async insertLinked(input: Place & { external: ExternalRecord; at: bigint }): Promise<void> {
				const id = await map.verbs.insertLinked(input);
				if (id === null) return;
				synced.set(`${placeKey(input)} ${input.external.id}`, input.at);
				await changed(input.entity, id, null, input.channelId);
			}
		}
	};
}
