import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { idArray } from '#src/entities/record-store.ts';
import { unmetLosses, type ShadowLoss } from '#src/sync/shadow.ts';
import type { CommitLinksInput, LinkCommit } from './commit-links.ts';
import { linkTable } from './link-state.ts';

/**
 * Writes the new states of links whose rows are locked, and in the same statement the journal: an entry for each decision,
 * and for each link whose state moved without one. `besides`: common table expressions of what else that statement writes,
 * each named, no two of them for the same row. Returns the new state revisions.
 */
export async function updateLinks(
	tx: Transaction,
	input: CommitLinksInput,
	rows: readonly LinkCommit[],
	besides: readonly SQL[]
): Promise<ReadonlyMap<string, string>> {
	if (rows.length === 0) return new Map();
	const { map } = linkTable(input.entity);
	const losses = await unmetByLink(tx, input.entity, rows);
	const json = JSON.stringify(rows.map((row, place) => ({ place, ...stateOf(row), ...entryOf(row, losses) })));
	const updated = await tx.execute<{ id: string; rev: string }>(sql`
		with w as (
			select * from jsonb_to_recordset(${json}::text::jsonb) as w(place int, id bigint, dirty bigint, clean boolean, keep boolean, status text, waiting text,
				problem jsonb, tries int, delay double precision, bi jsonb, be jsonb, unconfirmed jsonb, iv text, ev text, es text, passed boolean, fp text, pending jsonb,
				synced boolean, internal bigint, external text, variant text, action text, inputs jsonb, changes jsonb, shadow jsonb)
		), old as (
			select m.id, to_jsonb(m) as state from ${map} m where m.id in (select id from w)
		), done as (
			update ${map} m set
				clean_seq = case when w.clean then greatest(m.clean_seq, w.dirty) else m.clean_seq end,
				status = w.status, waiting = w.waiting, problem = nullif(w.problem, 'null'::jsonb), tries = w.tries,
				retry_at = case when w.delay > 0 then now() + make_interval(secs => w.delay) end,
				base_internal = coalesce(m.base_internal, '{}') || w.bi, base_external = coalesce(m.base_external, '{}') || w.be,
				unconfirmed = array(select jsonb_array_elements_text(w.unconfirmed)),
				internal_version = coalesce(w.iv, m.internal_version), external_version = w.ev, external_stamp = w.es, stamp_passed = w.passed,
				codec_fingerprint = w.fp, pending_write = nullif(w.pending, 'null'::jsonb), state_rev = m.state_rev + 1,
				claimed_by = case when w.keep then ${input.workerId} end,
				claimed_until = case when w.keep then now() + make_interval(secs => ${input.leaseMs / 1000}) end,
				synced_at = case when w.synced then now() else m.synced_at end
			from w where m.id = w.id
			returning m.id, m.state_rev, to_jsonb(m) as state
		), moved as (
			select done.id, cm_state_delta(old.state, done.state) as link_state from done join old on old.id = done.id
		), written as (
			insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, run_id, actor, action, inputs, changes,
				codec_fingerprint, shadow, link_state)
			select ${input.channelId}::bigint, ${input.entity.name}, w.id, w.internal, w.external, w.variant, ${input.runId}::bigint, 'engine',
				coalesce(w.action, 'state'), coalesce(w.inputs, '{}'), coalesce(w.changes, '[]'), w.fp, w.shadow, moved.link_state
			from w join moved on moved.id = w.id where w.action is not null or moved.link_state is not null order by w.place
		)${sql.join(
			besides.map((one) => sql`, ${one}`),
			sql``
		)}
		select done.id::text as id, done.state_rev::text as rev from done join w on w.id = done.id order by w.place`);
	return new Map(updated.map((row) => [row.id, row.rev]));
}

function stateOf(row: LinkCommit) {
	return {
		id: row.linkId,
		dirty: row.dirtySeq,
		clean: row.clean,
		keep: row.keepClaim,
		status: row.status,
		waiting: row.waiting,
		problem: row.problem,
		tries: row.tries,
		delay: row.retryDelayMs / 1000,
		bi: row.bases.internal,
		be: row.bases.external,
		unconfirmed: row.unconfirmed,
		iv: row.internalVersion,
		ev: row.externalVersion,
		es: row.externalStamp,
		passed: row.stampPassed,
		fp: row.codecFingerprint,
		pending: row.pendingWrite,
		synced: row.outcome !== null && row.status === 'in-sync'
	};
}

function entryOf(row: LinkCommit, losses: ReadonlyMap<string, readonly ShadowLoss[]>) {
	const shadow = losses.get(row.linkId);
	return {
		internal: row.internalId,
		external: row.externalId,
		variant: row.variantId,
		...row.journal,
		shadow: shadow?.length ? shadow : null
	};
}

/** What comparing time stamps alone would have lost, by link: only what no earlier decision of the link has met. */
async function unmetByLink(
	tx: Transaction,
	entity: Entity,
	rows: readonly LinkCommit[]
): Promise<ReadonlyMap<string, readonly ShadowLoss[]>> {
	const losing = rows.flatMap(({ linkId, internalId, journal }) =>
		journal?.shadow ? [{ link: linkId, internal: internalId, shadow: journal.shadow }] : []
	);
	if (losing.length === 0) return new Map();
	const found = await tx.execute<{ link: string; shadow: ShadowLoss[] }>(sql`
		select d.link_id::text as link, d.shadow from sync_decision d
		where d.entity = ${entity.name} and d.internal_id = any(${idArray(losing.map(({ internal }) => internal))}::bigint[])
			and d.link_id = any(${idArray(losing.map(({ link }) => link))}::bigint[]) and d.shadow is not null
		order by d.id`);
	const earlier = (of: string) => found.filter(({ link }) => link === of).flatMap(({ shadow }) => shadow);
	return new Map(losing.map(({ link, shadow }) => [link, unmetLosses(shadow, earlier(link))]));
}
