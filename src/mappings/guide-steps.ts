import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

/** The steps of the demo's guided path, in order. */
export const guideStepNames = [
	'edit-in-erp',
	'both-fields',
	'same-field',
	'suggestions',
	'lost-reply',
	'empty-listing',
	'give-back'
] as const;
export type GuideStepName = (typeof guideStepNames)[number];

/** `linkId` or `runId`: where what ticked it can be looked at. */
export type GuideStep = { name: GuideStepName; done: boolean; linkId: string | null; runId: string | null };

export type Guide = {
	erp: { id: string; name: string };
	shop: { id: string; name: string };
	steps: GuideStep[];
	/** Suggestions that a person accepted and rejected since the demo began. */
	accepted: number;
	rejected: number;
	/** Products that are linked in both channels, to try things on. */
	products: { id: string; value: string; name: string; externalId: string }[];
};

type Channels = { erp: string; shop: string; erpName: string; shopName: string; since: string };
type Found = Record<'edited' | 'lost' | 'gave' | 'both' | 'same' | 'empty', string | null> & {
	accepted: number;
	rejected: number;
};

/** The ticks look at the last entries of the journal only, however long it gets. */
const entriesAtMost = 10_000;
/** Exact suggestions that the demo's data has for products. */
export const exactSuggestions = 24;
const triedOn = 3;

/**
 * How far the guided path is, told by what happened: journal, conflicts and runs since the demo channels were made. Null where
 * the two channels of these addresses are not there.
 */
export async function guideSteps(db: Db, at: { erpUrl: string; shopUrl: string }): Promise<Guide | null> {
	const [channels] = await db.execute<Channels>(sql`
		select e.id::text as erp, s.id::text as shop, e.name as "erpName", s.name as "shopName", cm_iso(e.created_at) as since
		from c_channel e, c_channel s where e.settings ->> 'baseUrl' = ${at.erpUrl} and s.settings ->> 'baseUrl' = ${at.shopUrl} limit 1`);
	if (!channels) return null;
	const [found, products] = await Promise.all([whatHappened(db, channels), tryOn(db, channels)]);
	const { edited, both, same, lost, empty, gave, accepted, rejected } = found;
	const step = (name: GuideStepName, linkId: string | null, done = linkId !== null): GuideStep => ({
		name,
		done,
		linkId,
		runId: null
	});
	return {
		erp: { id: channels.erp, name: channels.erpName },
		shop: { id: channels.shop, name: channels.shopName },
		steps: [
			step('edit-in-erp', edited),
			step('both-fields', both),
			step('same-field', same),
			step('suggestions', null, accepted >= exactSuggestions && rejected > 0),
			step('lost-reply', lost),
			{ ...step('empty-listing', null, empty !== null), runId: empty },
			step('give-back', gave)
		],
		accepted,
		rejected,
		products
	};
}

async function whatHappened(db: Db, { erp, shop, since }: Channels): Promise<Found> {
	const wrote = (alias: string, field: string, side: 'internal' | 'external') =>
		sql`${sql.raw(alias)}.actor = 'engine' and ${sql.raw(alias)}.changes @> ${JSON.stringify([{ field, side }])}::text::jsonb`;
	const [row] = await db.execute<Found>(sql`
		with d as materialized (
			select * from sync_decision where entity = 'product' and at > ${since}::timestamptz
				and id > (select coalesce(max(id), 0) - ${entriesAtMost}::int from sync_decision)
		), e as (select * from d where c_channel_id = ${erp}::bigint)
		select (
				select e.link_id::text from e join d s on s.internal_id = e.internal_id and s.id > e.id and s.c_channel_id = ${shop}::bigint
				where ${wrote('e', 'price', 'internal')} and ${wrote('s', 'price', 'external')} order by e.id limit 1
			) as edited, (
				select n.link_id::text from e n join e p on p.link_id = n.link_id and p.at between n.at - interval '10 minutes' and n.at + interval '10 minutes'
				where ${wrote('n', 'name', 'external')} and ${wrote('p', 'price', 'internal')} order by n.id limit 1
			) as both, (
				select k.link_id::text from sync_conflict k where k.c_channel_id = ${erp}::bigint and k.entity = 'product' and k.field = 'price'
					and k.created_at > ${since}::timestamptz and (k.state = 'resolved' or (k.state = 'settled' and k.reversed_by is not null)) order by k.id limit 1
			) as same,
			(select count(distinct e.link_id)::int from e where e.action = 'link' and e.actor <> 'engine') as accepted,
			(select count(*)::int from e where e.action = 'reject') as rejected,
			(select e.link_id::text from e where e.action = 'adopt' order by e.id limit 1) as lost, (
				select r.id::text from sync_run r where r.c_channel_id = ${erp}::bigint and r.entity = 'product' and r.state = 'held'
					and r.queued_at > ${since}::timestamptz and exists (select 1 from sync_hold h where h.c_channel_id = r.c_channel_id
						and h.entity = r.entity and h.kind = 'absences') order by r.id limit 1
			) as empty,
			(select d.link_id::text from d where d.action = 'give-back' order by d.id limit 1) as gave`);
	if (!row) throw new Error('the guided path: no row');
	return row;
}

async function tryOn(db: Db, { erp, shop }: Channels): Promise<Guide['products']> {
	const rows = await db.execute<Guide['products'][number]>(sql`
		select r.id::text as id, r.value, r.name, m.external_product_id as "externalId"
		from c_channel_map_product s join c_channel_map_product m on m.m_product_id = s.m_product_id and m.c_channel_id = ${erp}::bigint and m.is_primary
		join m_product r on r.id = s.m_product_id where s.c_channel_id = ${shop}::bigint order by s.id limit ${triedOn}`);
	return [...rows];
}
