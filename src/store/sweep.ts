import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { ItemPlan } from '#src/db/schema/runs.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from './link-state.ts';
import { retrying } from './transaction.ts';

/** The database's time, before a complete listing starts. */
export async function databaseNow(db: Db): Promise<string> {
	const [row] = await db.execute<{ now: string }>(sql`select cm_iso(clock_timestamp()) as now`);
	if (!row) throw new Error('select now() returned no row');
	return row.now;
}

/** A complete scan of the channel ended well: what an earlier listing had left out is dealt with. */
export async function endSweep(
	db: Db,
	input: { channelId: string; entity: string; startedAt: string; fingerprint: string }
): Promise<void> {
	await db.execute(sql`
		with swept as (
			update c_channel_entity set swept_at = ${input.startedAt}::timestamptz, fingerprint = ${input.fingerprint}
			where c_channel_id = ${input.channelId}::bigint and entity = ${input.entity} returning c_channel_id, entity
		)
		update sync_hold h set state = 'gone', decided_by = 'engine', decided_at = now() from swept
		where h.c_channel_id = swept.c_channel_id and h.entity = swept.entity and h.kind = 'absences' and h.state = 'open'`);
}

/**
 * Marks links whose record of ours is not the revision last seen, is gone or is there again, or whose codec is not the current
 * one, one page in id order: what a lost hint would leave behind. Returns the last id looked at, null at the end.
 */
export async function markStaleLinks(
	db: Db,
	input: { channelId: string; entity: Entity; afterId: string; limit: number; fingerprint: string }
): Promise<string | null> {
	const { entity } = input;
	const { map, internal } = linkTable(entity);
	return retrying(db, async (tx) => {
		// Taken by `markLinks` as well, which marks what is dirty then.
		await tx.execute(sql`
			select 1 from c_channel_entity where c_channel_id = ${input.channelId}::bigint and entity = ${entity.name} for key share`);
		const page = await tx.execute<{ id: string; stale: boolean }>(sql`
			select m.id::text as id, (m.dirty_seq = m.clean_seq and (m.codec_fingerprint is distinct from ${input.fingerprint}
				or case when r.id is null then m.status <> 'orphan'
					else m.internal_version is distinct from r.rev::text or m.problem ->> 'kind' = 'missing-internal' end)) as stale
			from (select * from ${map} where c_channel_id = ${input.channelId}::bigint and id > ${input.afterId}::bigint order by id limit ${input.limit}) m
			left join ${sql.identifier(entity.recordTable)} r on r.id = m.${internal} order by m.id`);
		const stale = page.filter((row) => row.stale).map((row) => row.id);
		if (stale.length > 0) {
			await tx.execute(sql`
				with locked as (
					select id from ${map} where id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(stale)}::text::jsonb))
						and dirty_seq = clean_seq order by id for update
				)
				update ${map} m set dirty_seq = m.dirty_seq + 1 from locked where m.id = locked.id`);
		}
		return page.length < input.limit ? null : (page.at(-1)?.id ?? null);
	});
}

/**
 * Automatic writes of the last ten minutes around these records of ours that took effect, oldest first: what an
 * oscillation is told by. Each link's other end is a side of its own: one of ours may have several at one channel. A value that a run wrote counts once in it, however often the run had to begin again.
 */
export async function recentWrites(
	db: Db,
	input: { entity: Entity; internalIds: readonly string[] }
): Promise<{ internalId: string; field: string; side: string; value: unknown; at: string }[]> {
	if (input.internalIds.length === 0) return [];
	const rows = await db.execute<{ internalId: string; field: string; side: string; value: unknown; at: string }>(sql`
		select d.internal_id::text as "internalId", c.field, case when c.side = 'external' then 'external ' || d.link_id else c.side end as side,
			c.after as value, cm_iso(min(d.at)) as at
		from sync_decision d,
			rows from (jsonb_to_recordset(d.changes) as (field text, side text, after jsonb)) with ordinality as c(field, side, after, place)
		where d.entity = ${input.entity.name} and d.actor = 'engine' and d.at > now() - interval '10 minutes'
			and exists (select 1 from sync_item i where i.link_id = d.link_id and i.run_id = d.run_id and i.outcome in ('pushed', 'pulled', 'merged'))
			and d.internal_id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(input.internalIds)}::text::jsonb))
		group by 1, d.run_id, c.field, 3, c.after
		order by min(array[d.id, c.place])`);
	return [...rows];
}

/** Items of a run that were no effect on a link: what a preview would do, or what could not be imported. */
export async function addItems(
	db: Db,
	input: {
		runId: string;
		phase: string;
		items: readonly {
			linkId: string | null;
			internalId: string | null;
			externalId: string | null;
			variantId: string;
			action: string;
			outcome: string;
			fields: readonly string[];
			problem: { kind: string; message: string; hint: string } | null;
			/** For a preview: what would be written. */
			plan?: ItemPlan;
		}[];
		counts: Readonly<Record<string, number>>;
	}
): Promise<void> {
	await db.transaction(async (tx) => {
		await tx.execute(sql`
			insert into sync_item (run_id, link_id, internal_id, external_id, external_variant_id, action, outcome, fields, problem, plan)
			select ${input.runId}::bigint, i."linkId", i."internalId", i."externalId", i."variantId", i.action, i.outcome, array(select jsonb_array_elements_text(i.fields)), i.problem, i.plan
			from jsonb_to_recordset(${JSON.stringify(input.items)}::text::jsonb)
				as i("linkId" bigint, "internalId" bigint, "externalId" text, "variantId" text, action text, outcome text, fields jsonb, problem jsonb, plan jsonb)`);
		await tx.execute(
			sql`insert into sync_batch (run_id, phase, counts) values (${input.runId}::bigint, ${input.phase}, ${JSON.stringify(input.counts)}::text::jsonb)`
		);
	});
}
