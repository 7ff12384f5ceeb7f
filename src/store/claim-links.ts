import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity, InternalRecord } from '#src/entities/entity.ts';
import { linkColumns, linkTable, type LinkState } from './link-state.ts';
import { openHolds } from './load-channel.ts';
import { reading, retrying } from './transaction.ts';

export type ClaimLinksInput = {
	channelId: string;
	entity: Entity;
	workerId: string;
	leaseMs: number;
	limit: number;
	/** Only these; null = any dirty link. */
	linkIds: readonly string[] | null;
};

export type ClaimedLinks = {
	claimed: LinkWithRecord[];
	/** By its clock, as ISO text. */
	databaseNow: string;
	/** What people have set, read after the claim: whoever changes it later marks these links. Null where none was claimed. */
	set: { settingsRev: number; held: string[] } | null;
};

export type LinkWithRecord = { link: LinkState; internal: InternalRecord | null };

/**
 * Takes dirty links that are due and nobody works on, with our record as it is now. The claim saves double work only:
 * every later write is guarded by the revisions read here. It ends by itself after `leaseMs`.
 */
export async function claimLinks(db: Db, input: ClaimLinksInput): Promise<ClaimedLinks> {
	const { entity } = input;
	const { map } = linkTable(entity);
	const only =
		input.linkIds === null
			? sql`true`
			: sql`m.id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(input.linkIds)}::text::jsonb))`;
	return retrying(db, async (tx) => {
		const links = await tx.execute<LinkState & { now: string } & Record<string, unknown>>(sql`
			with due as (
				select m.id from ${map} m
				where m.c_channel_id = ${input.channelId}::bigint and m.dirty_seq > m.clean_seq and ${only}
					and (m.retry_at is null or m.retry_at <= now()) and (m.claimed_until is null or m.claimed_until <= now())
				order by m.id limit ${input.limit} for update skip locked
			)
			update ${map} m set claimed_by = ${input.workerId}, claimed_until = now() + make_interval(secs => ${input.leaseMs / 1000})
			from due where m.id = due.id returning ${linkColumns(entity)}, cm_iso(clock_timestamp()) as now`);
		if (links.length === 0) {
			const [clock] = await tx.execute<{ now: string }>(sql`select cm_iso(clock_timestamp()) as now`);
			return { claimed: [], databaseNow: clock?.now ?? '', set: null };
		}
		const [set] = await tx.execute<{ settingsRev: number; held: string[] }>(sql`
			select e.settings_rev as "settingsRev", ${openHolds} as held from c_channel_entity e
			where e.c_channel_id = ${input.channelId}::bigint and e.entity = ${entity.name}`);
		const records = await entity.store.read(tx, [...new Set(links.map((link) => link.internalId))]);
		const byId = new Map(records.map((record) => [record.id, record]));
		const claimed = links
			.map(({ now: _, ...link }): LinkState => link)
			.sort((one, other) => Number(BigInt(one.id) - BigInt(other.id)))
			.map((link) => ({ link, internal: byId.get(link.internalId) ?? null }));
		return { claimed, databaseNow: links[0]?.now ?? '', set: set ?? null };
	});
}

/** Gives claims back untouched: the links stay dirty and may be taken again at once, or after `delayMs`. */
export async function releaseLinks(
	db: Db,
	input: { entity: Entity; workerId: string; linkIds: readonly string[]; delayMs: number }
): Promise<void> {
	if (input.linkIds.length === 0) return;
	const { map } = linkTable(input.entity);
	await retrying(db, async (tx) => {
		await tx.execute(sql`
			with locked as (
				select id from ${map} where id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(input.linkIds)}::text::jsonb))
					and claimed_by = ${input.workerId} order by id for update
			)
			update ${map} m set claimed_by = null, claimed_until = null,
				retry_at = case when ${input.delayMs}::int > 0 then now() + make_interval(secs => ${input.delayMs / 1000}) else m.retry_at end
			from locked where m.id = locked.id`);
	});
}

/** Links in id order with our record, for reading only. */
export async function readLinks(
	db: Db,
	input: { channelId: string; entity: Entity; afterId: string; limit: number; linkIds: readonly string[] | null }
): Promise<LinkWithRecord[]> {
	const { entity } = input;
	const { map } = linkTable(entity);
	const only =
		input.linkIds === null
			? sql`true`
			: sql`m.id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(input.linkIds)}::text::jsonb))`;
	return reading(db, async (tx) => {
		const links = await tx.execute<LinkState & Record<string, unknown>>(sql`
			select ${linkColumns(entity)} from ${map} m
			where m.c_channel_id = ${input.channelId}::bigint and m.id > ${input.afterId}::bigint and ${only} order by m.id limit ${input.limit}`);
		const records = await entity.store.read(tx, [...new Set(links.map((link) => link.internalId))]);
		const byId = new Map(records.map((record) => [record.id, record]));
		return links.map((link) => ({ link, internal: byId.get(link.internalId) ?? null }));
	});
}

/** One link by id, whatever its channel; null when there is none. */
export async function readLink(db: Db, input: { entity: Entity; linkId: string }): Promise<LinkWithRecord | null> {
	const { map } = linkTable(input.entity);
	return reading(db, async (tx) => {
		const [link] = await tx.execute<LinkState & Record<string, unknown>>(
			sql`select ${linkColumns(input.entity)} from ${map} m where m.id = ${input.linkId}::bigint`
		);
		if (!link) return null;
		const [internal] = await input.entity.store.read(tx, [link.internalId]);
		return { link, internal: internal ?? null };
	});
}
