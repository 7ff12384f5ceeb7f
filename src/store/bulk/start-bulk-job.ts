import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { BulkSelection } from '#src/db/schema/bulk.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { writeAudit } from '../journal.ts';
import type { Person } from '../person.ts';
import { refusal, type Refusal } from '../refusal.ts';
import { notCarried, unknownChannel, unknownEntity } from '../refusals.ts';
import { retrying } from '../transaction.ts';
import { linkTable } from '../link-state.ts';
import { idList, undoableDays, type BulkKind, type StartedKind } from './bulk-job.ts';
import { countMatching } from './matching-links.ts';

export type StartBulkJobInput = Person & {
	channelId: string;
	entity: string;
	kind: StartedKind;
	selection: BulkSelection;
	/** Links that the person was told of: more than 5 % beyond that are not touched. */
	expected: number;
	reason?: string;
};
export type StartBulkJobResult = { ok: true; jobId: string; expected: number } | Refusal;

/** Stores what a person wants done to many links. Nothing is done yet: that is `performBulkBatch`. */
export async function startBulkJob(db: Db, input: StartBulkJobInput): Promise<StartBulkJobResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const { channelId, kind, selection, expected } = input;
	return retrying(db, async (tx) => {
		const [channel] = await tx.execute<{ name: string; pushLive: boolean | null; pullLive: boolean | null }>(sql`
			select c.name, e.push_live as "pushLive", e.pull_live as "pullLive"
			from c_channel c left join c_channel_entity e on e.c_channel_id = c.id and e.entity = ${entity.name} where c.id = ${channelId}::bigint`);
		if (!channel) return unknownChannel(channelId);
		if (channel.pushLive === null) return notCarried(channel.name, entity);
		if (kind === 'push' && !channel.pushLive) return notLive(channel.name, 'push');
		if (kind === 'pull' && !channel.pullLive) return notLive(channel.name, 'pull');
		const atMost = grownBeyond(expected) + 1;
		const links = await countMatching(tx, { entity, channelId, selection, kind, atMost });
		if (links === 0) return nothingSelected();
		if (links > grownBeyond(expected)) return grown(links, expected);
		const jobId = await insertJob(tx, { ...input, entity: entity.name });
		const detail = { kind, links, selection: 'linkIds' in selection ? 'chosen' : selection };
		await writeAudit(tx, input, { action: `bulk-${kind}`, object: `bulk-job/${jobId}`, channelId, detail });
		return { ok: true, jobId, expected };
	});
}

export type StartUndoJobInput = Person & { jobId: string };

/**
 * Stores that every link which a bulk job ended is to come back, or that those which it made are to be taken back. Refuses after
 * 30 days, and where none is left.
 */
export async function startUndoJob(db: Db, input: StartUndoJobInput): Promise<StartBulkJobResult> {
	return retrying(db, async (tx) => {
		const [job] = await tx.execute<{
			channelId: string;
			entity: string;
			active: boolean;
			old: boolean;
			undoing: boolean;
			kind: 'unlink' | 'accept';
			linkIds: string[] | null;
		}>(sql`
			select j.c_channel_id::text as "channelId", j.entity, j.kind, j.selection -> 'linkIds' as "linkIds", j.state in ('queued', 'running') as active,
				j.queued_at < now() - make_interval(days => ${undoableDays}) as old,
				exists (select 1 from sync_bulk_job u where u.undoes_id = j.id and u.state in ('queued', 'running')) as undoing
			from sync_bulk_job j where j.id = ${input.jobId}::bigint and j.kind in ('unlink', 'accept') for update`);
		if (!job || job.old || job.undoing) return nothingToBringBack();
		if (job.active)
			return refusal('stale', 'These links are still being ended.', 'Cancel that first, or wait until it is over.');
		const expected = job.kind === 'unlink' ? await endedBy(tx, input.jobId) : await stillLinked(tx, job);
		if (expected === 0) return nothingToBringBack();
		const { channelId, entity } = job;
		const jobId = await insertJob(tx, {
			...input,
			channelId,
			entity,
			kind: `undo-${job.kind}`,
			expected,
			undoesId: input.jobId
		});
		const detail = { undoes: input.jobId, links: expected };
		await writeAudit(tx, input, { action: `bulk-undo-${job.kind}`, object: `bulk-job/${jobId}`, channelId, detail });
		return { ok: true, jobId, expected };
	});
}

async function endedBy(tx: Transaction, jobId: string): Promise<number> {
	const [ended] = await tx.execute<{ links: number }>(sql`
		select count(*)::int as links from link_history where bulk_job_id = ${jobId}::bigint and undone_at is null`);
	return ended?.links ?? 0;
}

async function stillLinked(tx: Transaction, job: { entity: string; linkIds: string[] | null }): Promise<number> {
	const entity = entityNamed(job.entity);
	if (!entity) return 0;
	const [row] = await tx.execute<{ links: number }>(sql`
		select count(*)::int as links from ${linkTable(entity).map} m where m.id = any(${idList(job.linkIds ?? [])}::bigint[])`);
	return row?.links ?? 0;
}

/** More links than this are not what the person agreed to. */
export function grownBeyond(expected: number): number {
	return Math.floor(expected * 1.05);
}

/** What a selection became is not what the person saw. */
export function grown(links: number, expected: number): Refusal {
	const message = `${links} or more links match by now; you were shown ${expected}.`;
	return refusal('stale', message, 'Nothing was done. Look at the new number and confirm again.');
}

async function insertJob(
	tx: Transaction,
	job: Person & {
		channelId: string;
		entity: string;
		kind: BulkKind;
		expected: number;
		selection?: BulkSelection;
		undoesId?: string;
		reason?: string;
	}
): Promise<string> {
	const [row] = await tx.execute<{ id: string }>(sql`
		insert into sync_bulk_job (c_channel_id, entity, kind, selection, undoes_id, reason, started_by, via, expected)
		values (${job.channelId}::bigint, ${job.entity}, ${job.kind}, ${job.selection ? JSON.stringify(job.selection) : null}::text::jsonb,
			${job.undoesId ?? null}::bigint, ${job.reason?.trim() ?? ''}, ${job.actor.name}, ${job.via}, ${job.expected})
		returning id::text as id`);
	if (!row) throw new Error('sync_bulk_job: insert returned no row');
	return row.id;
}

function notLive(channel: string, direction: 'push' | 'pull'): Refusal {
	const message =
		direction === 'push' ? `Nothing is sent to ${channel} yet.` : `Nothing is received from ${channel} yet.`;
	return refusal('not-allowed', message, 'Go live in that direction first, on the page of the channel.');
}

function nothingSelected(): Refusal {
	return refusal('stale', 'There is no link left that this could be done to.', 'Look at the list again.');
}

function nothingToBringBack(): Refusal {
	return refusal(
		'nothing-to-undo',
		'There is nothing to bring back here.',
		`It was undone already, or is older than ${undoableDays} days.`
	);
}
