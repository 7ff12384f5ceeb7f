import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import { heldRun, type RunAttempt } from './begin-run.ts';
import { linkTable } from './link-state.ts';
import { lockPages } from './lock-pages.ts';
import { retrying } from './transaction.ts';

/** One record as a scan or search saw it. */
export type SeenRecord = {
	externalId: string;
	variantId: string;
	fields: Fields;
	version: string | null;
	stamp: string | null;
	reference: string | null;
	url: string | null;
	/** `field=code` of every match key. */
	matchKeys: readonly string[];
};

export type RecordPageInput = {
	channelId: string;
	entity: Entity;
	records: readonly SeenRecord[];
	/** A complete listing moves `seen_at` of every record, so that the ones it left out can be told. */
	complete: boolean;
	/** Where the next incremental scan may start after this page; null = unchanged. */
	cursor: string | null;
	/** Run to count the page at; null for a search. */
	run: RunAttempt | null;
};

/**
 * Stores what the channel showed. In the same transaction links whose record changed become dirty, so do those whose record
 * was written since a write of ours that nobody could read back; unlinked records that are new or changed become candidates,
 * and the cursor moves. Nothing that looks as before is written. Null, and nothing stored, where another process has taken
 * the run over, whose pages are newer, or the channel was deleted.
 */
export async function recordPage(db: Db, input: RecordPageInput): Promise<{ changed: number } | null> {
	const { entity, channelId } = input;
	return retrying(db, async (tx) => {
		await lockPages(tx, channelId, entity.name);
		if (!(await isWanted(tx, input))) return null;
		const changed = input.records.length === 0 ? [] : await upsertRecords(tx, input);
		const keys = JSON.stringify(changed);
		if (changed.length > 0) await markChanged(tx, input, keys);
		if (changed.some(({ content }) => !content)) await keepTags(tx, input, keys);
		await moveOn(tx, input, changed.length);
		return { changed: changed.length };
	});
}

/** Whether the channel is there and the run is still this one's; it stays so until the page is stored. */
async function isWanted(tx: Transaction, { channelId, run }: RecordPageInput): Promise<boolean> {
	const channel = sql`select 1 from c_channel where id = ${channelId}::bigint and deleted_at is null`;
	const rows = await tx.execute(run ? sql`${heldRun(run)} and exists (${channel}) for key share` : channel);
	return rows.length > 0;
}

/** Links of records with other content, or with a write of ours that nobody could read back, need a look; the rest are candidates. */
async function markChanged(tx: Transaction, { channelId, entity }: RecordPageInput, keys: string): Promise<void> {
	const { map, external } = linkTable(entity);
	await tx.execute(sql`
		with k as (select * from jsonb_to_recordset(${keys}::text::jsonb) as k(id text, variant text, content boolean)),
		locked as (
			select m.id from ${map} m join k on k.id = m.${external} and k.variant = m.external_variant_id
			where m.c_channel_id = ${channelId}::bigint and (k.content or m.unconfirmed <> '{}') order by m.id for update of m
		), dirtied as (
			update ${map} m set dirty_seq = m.dirty_seq + 1, retry_at = null from locked where m.id = locked.id
		)
		insert into sync_candidate (c_channel_id, entity, side, record_id, external_variant_id)
		select ${channelId}::bigint, ${entity.name}, 'external', k.id, k.variant from k
		where k.content
			and not exists (select 1 from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${external} = k.id and m.external_variant_id = k.variant)
			and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${channelId}::bigint and x.entity = ${entity.name}
				and x.kind = 'record' and x.external_id = k.id and x.external_variant_id = k.variant)
		on conflict do nothing`);
}

/** Links at rest whose record has another tag and the same content take the tag over. */
async function keepTags(tx: Transaction, { channelId, entity }: RecordPageInput, keys: string): Promise<void> {
	const { map, external } = linkTable(entity);
	await tx.execute(sql`
		with k as (select * from jsonb_to_recordset(${keys}::text::jsonb) as k(id text, variant text, content boolean)),
		locked as (
			select m.id, r.version, r.stamp from ${map} m
			join k on k.id = m.${external} and k.variant = m.external_variant_id
			join c_channel_record r on r.c_channel_id = m.c_channel_id and r.entity = ${entity.name}
				and r.external_id = k.id and r.external_variant_id = k.variant
			where m.c_channel_id = ${channelId}::bigint and not k.content and m.status = 'in-sync' and m.dirty_seq = m.clean_seq
				and m.base_external <@ r.fields
			order by m.id for update of m
		)
		update ${map} m set external_version = locked.version, external_stamp = locked.stamp, stamp_passed = false from locked where m.id = locked.id`);
}

/** Moves the cursor and counts the page. */
async function moveOn(tx: Transaction, input: RecordPageInput, changed: number): Promise<void> {
	const { channelId, entity, cursor, run, records } = input;
	const moved = sql`
		update c_channel_entity set cursor = ${cursor} where c_channel_id = ${channelId}::bigint and entity = ${entity.name}
			and cursor is distinct from ${cursor}::text`;
	const counts = JSON.stringify({ scanned: records.length, changed });
	const counted = sql`
		insert into sync_batch (run_id, phase, counts) values (${run?.runId ?? null}::bigint, 'scan', ${counts}::text::jsonb)`;
	const isCounted = run !== null && records.length > 0;
	if (cursor !== null && isCounted) await tx.execute(sql`with moved as (${moved}) ${counted}`);
	else if (cursor !== null) await tx.execute(moved);
	else if (isCounted) await tx.execute(counted);
}

type ChangedKey = { id: string; variant: string; content: boolean };

/** Writes the page; returns the keys that look different from before, with whether their content (not only stamps) does. */
async function upsertRecords(tx: Transaction, input: RecordPageInput): Promise<ChangedKey[]> {
	const rows = JSON.stringify(
		input.records.map((record) => ({
			id: record.externalId,
			variant: record.variantId,
			fields: record.fields,
			version: record.version,
			stamp: record.stamp,
			reference: record.reference,
			url: record.url,
			keys: record.matchKeys
		}))
	);
	const changed = await tx.execute<ChangedKey>(sql`
		with i as (
			select distinct on (id, variant) id, variant, fields, version, stamp, reference, url,
				array(select jsonb_array_elements_text(keys)) as keys
			from jsonb_to_recordset(${rows}::text::jsonb)
				as i(id text, variant text, fields jsonb, version text, stamp text, reference text, url text, keys jsonb)
		), seen as (
			select i.*, r.external_id is null or r.fields is distinct from i.fields or r.deleted_at is not null
					or r.reference is distinct from i.reference as content,
				r.external_id is null or r.version is distinct from i.version or r.stamp is distinct from i.stamp as tags
			from i left join c_channel_record r on r.c_channel_id = ${input.channelId}::bigint and r.entity = ${input.entity.name}
				and r.external_id = i.id and r.external_variant_id = i.variant
		), written as (
			insert into c_channel_record (c_channel_id, entity, external_id, external_variant_id, fields, version, stamp, reference, url, match_keys, seen_at, deleted_at)
			select ${input.channelId}::bigint, ${input.entity.name}, id, variant, fields, version, stamp, reference, url, keys, now(), null
			from seen where content or tags or ${input.complete}
			on conflict (c_channel_id, entity, external_id, external_variant_id) do update set fields = excluded.fields, version = excluded.version,
				stamp = excluded.stamp, reference = excluded.reference, url = excluded.url, match_keys = excluded.match_keys,
				seen_at = excluded.seen_at, deleted_at = null
		)
		select id, variant, content from seen where content or tags order by id, variant`);
	return [...changed];
}
