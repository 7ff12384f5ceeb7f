import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { DecisionChange } from '#src/db/schema/decisions.ts';
import { syncedFields, type InternalRecord } from '#src/entities/entity.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { givingWay, type GivingWay } from '#src/sync/giving-way.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import { linkTable } from '../link-state.ts';
import { basesOf } from '../resolve-conflicts.ts';
import { idList, type BatchResult, type BulkJob, type LeftLink } from './bulk-job.ts';
import { nextLinks } from './matching-links.ts';
import { freeLinks } from './retry-batch.ts';

/** Records that one batch compares with what was seen of the channel: as many as an entity reads in one go. */
const linksAtMost = 500;

type Link = Omit<LeftLink, 'cause'> & {
	isPrimary: boolean;
	failing: boolean;
	baseInternal: Fields | null;
	baseExternal: Fields | null;
	externalVersion: string | null;
	seen: Fields | null;
	asked: Fields;
};

type Settled = { link: Link; record: InternalRecord; fields: readonly GivingWay[] };

/**
 * Lets one side win on the job's next links, by bases alone as `resolveConflicts` does: whatever the other side holds that
 * was not taken over yet becomes what was agreed last, so that the next run carries the winner's value. A value that nobody
 * saw is in no base, and so never overwritten. Links that failed get another five tries; all are compared at once.
 */
export async function settleBatch(tx: Transaction, job: BulkJob, limit: number): Promise<BatchResult> {
	const linkIds = await nextLinks(tx, job, Math.min(limit, linksAtMost));
	const lastId = linkIds.at(-1);
	if (lastId === undefined) return null;
	const links = await readSides(tx, job, linkIds);
	const records = await job.entity.store.read(tx, [...new Set(links.map(({ internalId }) => internalId))]);
	const byId = new Map(records.map((record) => [record.id, record]));
	const policy = await policyOf(tx, job);
	const left: LeftLink[] = [];
	const settled: Settled[] = [];
	for (const link of links) {
		const { linkId, internalId, externalId, variantId } = link;
		const record = byId.get(internalId);
		if (record && (link.isPrimary || job.kind === 'push'))
			settled.push({ link, record, fields: fieldsOf(job, policy, link, record) });
		else left.push({ linkId, internalId, externalId, variantId, cause: record ? 'secondary' : 'record-gone' });
	}
	await write(tx, job, settled);
	return { lastId, done: settled.length, left };
}

async function readSides(tx: Transaction, job: BulkJob, linkIds: readonly string[]): Promise<Link[]> {
	const { map, internal, external } = linkTable(job.entity);
	const rows = await tx.execute<Link>(sql`
		select m.id::text as "linkId", m.${internal}::text as "internalId", m.${external} as "externalId", m.external_variant_id as "variantId",
			m.is_primary as "isPrimary", m.status in ('failed', 'quarantined') as failing, m.base_internal as "baseInternal",
			m.base_external as "baseExternal", m.external_version as "externalVersion", x.fields as seen,
			coalesce((select jsonb_object_agg(q.field, q.external) from sync_conflict q
				where q.entity = ${job.entity.name} and q.link_id = m.id and q.state = 'open'), '{}') as asked
		from ${map} m left join c_channel_record x on x.c_channel_id = m.c_channel_id and x.entity = ${job.entity.name}
			and x.external_id = m.${external} and x.external_variant_id = m.external_variant_id and x.deleted_at is null
			and (m.synced_at is null or x.seen_at > m.synced_at)
		where m.id = any(${idList(linkIds)}::bigint[]) order by m.id`);
	return [...rows];
}

async function policyOf(tx: Transaction, job: BulkJob): Promise<ChannelEntityPolicy> {
	const [row] = await tx.execute<{ policy: ChannelEntityPolicy }>(sql`
		select policy from c_channel_entity where c_channel_id = ${job.channelId}::bigint and entity = ${job.entity.name}`);
	if (!row) throw new Error('c_channel_entity: the entity of a link is not there');
	return row.policy;
}

function fieldsOf(job: BulkJob, policy: ChannelEntityPolicy, link: Link, record: InternalRecord): GivingWay[] {
	return givingWay({
		winner: winnerOf(job),
		// What another application keeps is not given away here: it waits for who changes it there.
		fields: syncedFields(job.entity).filter((field) => winnerOf(job) === 'internal' || !field.keptElsewhere),
		policy,
		internal: record.fields,
		seen: link.seen,
		base: { internal: link.baseInternal, external: link.baseExternal },
		asked: link.asked
	});
}

function winnerOf({ kind }: BulkJob): 'internal' | 'external' {
	return kind === 'pull' ? 'external' : 'internal';
}

async function write(tx: Transaction, job: BulkJob, settled: readonly Settled[]): Promise<void> {
	const deciding = settled.filter(({ fields }) => fields.length > 0);
	const failing = settled.filter(({ link, fields }) => fields.length === 0 && link.failing);
	const others = settled.filter(({ link, fields }) => fields.length === 0 && !link.failing);
	if (deciding.length > 0) {
		await rebase(tx, job, deciding);
		await closeConflicts(tx, job, deciding);
	}
	await freeLinks(
		tx,
		job,
		failing.map(({ link }) => link.linkId)
	);
	const ids = idList(others.map(({ link }) => link.linkId));
	await tx.execute(sql`
		update ${linkTable(job.entity).map} m set dirty_seq = m.dirty_seq + 1, retry_at = null where m.id = any(${ids}::bigint[])`);
}

async function rebase(tx: Transaction, job: BulkJob, settled: readonly Settled[]): Promise<void> {
	const { map, internal, external } = linkTable(job.entity);
	const rows = settled.map(({ link, record, fields }) => ({
		id: link.linkId,
		bases: basesOf(
			job.entity,
			fields.map((each) => ({ ...each, winner: winnerOf(job) }))
		),
		settled: fields.map(({ field }) => field).filter((field) => field in link.asked),
		changes: fields.map((each) => changeOf(job, each)),
		inputs: {
			choices: Object.fromEntries(fields.map(({ field }) => [field, winnerOf(job)])),
			internalRev: record.rev,
			externalVersion: link.externalVersion ?? '',
			baseInternal: link.baseInternal,
			baseExternal: link.baseExternal,
			bulkJobId: job.id
		}
	}));
	await tx.execute(sql`
		with w as (
			select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as w(id bigint, bases jsonb, settled jsonb, changes jsonb, inputs jsonb)
		), old as (
			select m.id, to_jsonb(m) as state from ${map} m where m.id in (select id from w)
		), done as (
			update ${map} m set base_internal = coalesce(m.base_internal, '{}') || (w.bases -> 'internal'), base_external = coalesce(m.base_external, '{}') || (w.bases -> 'external'),
				unconfirmed = array(select u from unnest(m.unconfirmed) u where not (w.bases -> 'external') ? u),
				status = case when exists (select 1 from sync_conflict q where q.entity = ${job.entity.name} and q.link_id = m.id and q.state = 'open'
					and not w.settled ? q.field) then 'conflict' else 'pending' end,
				problem = null, tries = 0, retry_at = null, dirty_seq = m.dirty_seq + 1, state_rev = m.state_rev + 1
			from w where m.id = w.id
			returning m.id, m.c_channel_id, m.${internal} as internal, m.${external} as external, m.external_variant_id as variant, to_jsonb(m) as state, w.inputs, w.changes
		)
		insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, inputs, changes, link_state)
		select done.c_channel_id, ${job.entity.name}, done.id, done.internal, done.external, done.variant, ${job.person.actor.name}, 'resolve', done.inputs,
			done.changes, cm_state_delta(old.state, done.state)
		from done join old on old.id = done.id order by done.id`);
}

async function closeConflicts(tx: Transaction, job: BulkJob, settled: readonly Settled[]): Promise<void> {
	const rows = settled.flatMap(({ link, fields }) =>
		fields
			.filter(({ field }) => field in link.asked)
			.map(({ field, internal }) => ({ link: link.linkId, field, internal: [internal] }))
	);
	if (rows.length === 0) return;
	await tx.execute(sql`
		update sync_conflict c set state = 'resolved', winner = ${winnerOf(job)}, internal = r.internal -> 0, decided_by = ${job.person.actor.name},
			decided_at = now()
		from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(link bigint, field text, internal jsonb)
		where c.entity = ${job.entity.name} and c.link_id = r.link and c.field = r.field and c.state = 'open'`);
}

function loserOf(job: BulkJob, { internal, external }: GivingWay): Value {
	return winnerOf(job) === 'internal' ? external : internal;
}

function changeOf(job: BulkJob, each: GivingWay): DecisionChange {
	const winner = winnerOf(job);
	const [side, after] =
		winner === 'internal' ? (['external', each.internal] as const) : (['internal', each.external] as const);
	const before = loserOf(job, each);
	return { field: each.field, side, before, after, rule: 'person', lost: before };
}
