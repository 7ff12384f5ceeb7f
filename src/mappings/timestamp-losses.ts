import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { DecisionChange } from '#src/db/schema/decisions.ts';
import { entities } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import type { ShadowLoss } from '#src/sync/shadow.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

/** How many edits comparing time stamps alone would have lost. */
export type TimestampLossCount = {
	last30Days: number;
	ever: number;
	/** There are more than were counted: both numbers are of the newest 10,000 decisions with losses. */
	isMinimum: boolean;
};

/** One decision at which comparing time stamps alone would have lost edits. */
export type LosingDecision = {
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
	/** The edits: whose each was, and the value that would be gone. */
	losses: ShadowLoss[];
	/** What was done instead; a field that is not here was left to a person. */
	changes: DecisionChange[];
};

const countAtMost = 10_000;

/** The numbers of every channel that has any, by channel id. */
export async function timestampLossCounts(
	db: Db,
	{ channelId }: { channelId?: string } = {}
): Promise<Map<string, TimestampLossCount>> {
	if (channelId !== undefined && !isId(channelId)) return new Map();
	const ofChannel = channelId === undefined ? sql`true` : sql`c.id = ${channelId}::bigint`;
	const rows = await db.execute<{ channelId: string } & TimestampLossCount>(sql`
		select c.id::text as "channelId", l.last_30_days::int as "last30Days", l.ever::int as ever, l.decisions = ${countAtMost} as "isMinimum"
		from c_channel c cross join lateral (
			select coalesce(sum(d.losses) filter (where d.at > now() - interval '30 days'), 0) as last_30_days, sum(d.losses) as ever,
				count(*) as decisions
			from (select p.id from (${losingIds(sql`c.id`)}) p order by p.id desc limit ${countAtMost}) p cross join lateral (
				select s.at, jsonb_array_length(s.shadow) as losses from sync_decision s where s.id = p.id offset 0) d
		) l where l.ever > 0 and ${ofChannel}`);
	return new Map(rows.map(({ channelId: id, ...count }) => [id, count]));
}

/** The edits behind the number of one channel, by decision, newest first. */
export async function listLosingDecisions(
	db: Db,
	input: PageInput & { channelId: string }
): Promise<Page<LosingDecision>> {
	const { channelId } = input;
	if (!isId(channelId)) return emptyPage();
	const keys = keyset(`losses ${channelId}`, [{ column: sql`p.id`, type: 'bigint', descending: true }], input);
	const rows = await db.execute<LosingDecision & Keyed>(sql`
		select d.id::text as "decisionId", cm_iso(d.at) as at, d.entity, d.link_id::text as "linkId", (${linkKnown()}) as "linkKnown",
			d.internal_id::text as "internalId", ${ofRecord('value')} as value, ${ofRecord('name')} as name, d.external_id as "externalId",
			d.shadow as losses, d.changes, ${keys.key} as "cursorKey"
		from (
			select p.id from (${losingIds(sql`${channelId}::bigint`)}) p where ${keys.where} order by ${keys.orderBy} limit ${keys.limit}
		) p cross join lateral (select * from sync_decision s where s.id = p.id offset 0) d
		order by ${keys.orderBy}`);
	return keys.page(rows);
}

/**
 * Decisions of a channel with losses, by its own index. `offset 0` keeps the planner from walking the whole journal for the
 * newest instead, which takes seconds where a channel has few.
 */
function losingIds(channelId: SQL): SQL {
	return sql`select s.id from sync_decision s where s.c_channel_id = ${channelId} and s.shadow is not null offset 0`;
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
