import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { DecisionChange } from '#src/db/schema/decisions.ts';
import { entities } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import type { Value } from '#src/sync/fields.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

/** How many edits comparing time stamps alone would have lost. */
export type TimestampLossCount = { last30Days: number; ever: number };

/** One edit that comparing time stamps alone would have lost, and what was done instead. */
export type TimestampLoss = {
	decisionId: string;
	at: string;
	entity: string;
	linkId: string;
	/** Whether the page of that link can still be shown. */
	linkKnown: boolean;
	internalId: string;
	/** Search key and name of our record; null where it is gone. */
	value: string | null;
	name: string | null;
	externalId: string;
	field: string;
	/** Whose edit it was. */
	side: 'internal' | 'external';
	/** The value that would be gone. */
	lost: Value;
	/** What the decision did with the field; null = it asked a person. */
	change: DecisionChange | null;
};

/** The numbers of every channel that has any, by channel id. */
export async function timestampLossCounts(
	db: Db,
	input: { channelId?: string } = {}
): Promise<Map<string, TimestampLossCount>> {
	if (input.channelId !== undefined && !isId(input.channelId)) return new Map();
	const rows = await db.execute<{ channelId: string } & TimestampLossCount>(sql`
		select l.c_channel_id::text as "channelId", count(*) filter (where l.at > now() - interval '30 days')::int as "last30Days",
			count(*)::int as ever
		from (
			select d.c_channel_id, d.at, e.loss -> 'value' is distinct from lag(e.loss -> 'value') over (
				partition by d.entity, d.link_id, e.loss -> 'field', e.loss -> 'side' order by d.id) as is_new
			from sync_decision d cross join lateral jsonb_array_elements(d.shadow) as e(loss)
			where d.shadow is not null and ${ofChannel(input.channelId)}
		) l where l.is_new group by l.c_channel_id`);
	return new Map(rows.map(({ channelId, last30Days, ever }) => [channelId, { last30Days, ever }]));
}

/** The edits behind the number of one channel, newest first. One that several decisions met is listed once. */
export async function listTimestampLosses(
	db: Db,
	input: PageInput & { channelId: string }
): Promise<Page<TimestampLoss>> {
	if (!isId(input.channelId)) return emptyPage();
	const sort = [
		{ column: sql`d.id`, type: 'bigint', descending: true },
		{ column: sql`e.place`, type: 'bigint' }
	] as const;
	const keys = keyset(`timestamp losses ${input.channelId}`, sort, input);
	const rows = await db.execute<TimestampLoss & Keyed>(sql`
		select d.id::text as "decisionId", cm_iso(d.at) as at, d.entity, d.link_id::text as "linkId", (${linkKnown()}) as "linkKnown",
			d.internal_id::text as "internalId", ${ofRecord('value')} as value, ${ofRecord('name')} as name, d.external_id as "externalId",
			e.loss ->> 'field' as field, e.loss ->> 'side' as side, e.loss -> 'value' as lost,
			(select c.change from jsonb_array_elements(d.changes) as c(change) where c.change -> 'field' = e.loss -> 'field' limit 1) as change,
			${keys.key} as "cursorKey"
		from sync_decision d cross join lateral jsonb_array_elements(d.shadow) with ordinality as e(loss, place)
		where d.shadow is not null and ${ofChannel(input.channelId)} and ${keys.where} and e.loss -> 'value' is distinct from (
			select p.loss -> 'value' from sync_decision q cross join lateral jsonb_array_elements(q.shadow) as p(loss)
			where q.entity = d.entity and q.link_id = d.link_id and q.id < d.id and q.shadow is not null
				and p.loss -> 'field' = e.loss -> 'field' and p.loss -> 'side' = e.loss -> 'side'
			order by q.id desc limit 1)
		order by ${keys.orderBy} limit ${keys.limit}`);
	return keys.page(rows);
}

function ofChannel(channelId: string | undefined): SQL {
	return channelId === undefined ? sql`true` : sql`d.c_channel_id = ${channelId}::bigint`;
}

/** A link that is there, or one that a person ended. */
function linkKnown(): SQL {
	const ended = sql`exists (select 1 from link_history h where h.entity = d.entity and h.internal_id = d.internal_id and h.link_id = d.link_id)`;
	const here = byEntity((entity) => sql`exists (select 1 from ${linkTable(entity).map} m where m.id = d.link_id)`);
	return sql`coalesce(${here}, false) or ${ended}`;
}

/** `value` or `name` of the record of ours that the decision is about. */
function ofRecord(column: 'value' | 'name'): SQL {
	return byEntity(
		({ recordTable }) =>
			sql`(select r.${sql.identifier(column)} from ${sql.identifier(recordTable)} r where r.id = d.internal_id)`
	);
}

function byEntity(of: (entity: (typeof entities)[number]) => SQL): SQL {
	const cases = entities.map((entity) => sql`when ${entity.name} then ${of(entity)}`);
	return sql`case d.entity ${sql.join(cases, sql` `)} end`;
}
