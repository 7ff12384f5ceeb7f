import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entities } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';
import { countAtMost } from './unlinked-counts.ts';

/** A link or a create that needs a look. */
export type ProblemRow = {
	source: 'link' | 'intent';
	/** Of the link or of the intent. */
	id: string;
	channelId: string;
	channelName: string;
	entity: string;
	internalId: string;
	value: string | null;
	name: string | null;
	externalId: string | null;
	status: 'failed' | 'quarantined' | 'orphan' | 'creating';
	kind: string;
	message: string;
	hint: string;
	field: string | null;
	tries: number;
	/** When the next try follows by itself; null = none. */
	retryAt: string | null;
};

/** Problems of one channel with one cause. Numbers stop at 10,000 per entity; message and hint are the most frequent ones. */
export type ProblemGroup = {
	channelId: string;
	channelName: string;
	kind: string;
	problems: number;
	/** Links among them that another try may help. */
	retryable: number;
	/** Links among them of which one side is gone. */
	missing: number;
	message: string;
	hint: string;
};

/** What keeps a whole channel from working. */
export type ChannelProblem = {
	channelId: string;
	channelName: string;
	kind: string;
	message: string;
	hint: string;
	at: string;
};

/** Links that are unlinked in one go from the inbox. */
export const missingAtOnce = 200;

type Filter = { channelId?: string | null; entity?: string | null };

export type ListProblemsInput = PageInput & Filter & { kind?: string | null };

/** Links that failed, were set aside or lost a side, then creates that could not be confirmed. */
export async function listProblems(db: Db, input: ListProblemsInput): Promise<Page<ProblemRow>> {
	const { channelId, entity, kind } = input;
	const named = entities.filter(({ name }) => !entity || name === entity);
	if ((channelId && !isId(channelId)) || named.length === 0) return emptyPage();
	const name = `problems ${channelId ?? ''} ${entity ?? ''} ${kind ?? ''}`;
	const sort = [
		{ column: sql`p.place`, type: 'text' as const },
		{ column: sql`p.problem_id`, type: 'bigint' as const }
	];
	const keys = keyset(name, sort, input);
	const ofKind = kind ? sql`p.kind = ${kind}` : sql`true`;
	const branches = named.map((one) => problemsOf(one, channelId));
	const rows = await db.execute<ProblemRow & Keyed>(sql`
		select p.source, p.problem_id::text as id, p.channel_id::text as "channelId", c.name as "channelName", p.entity, p.internal_id::text as "internalId",
			p.value, p.name, p.external_id as "externalId", p.status, p.kind, coalesce(p.problem ->> 'message', '') as message,
			coalesce(p.problem ->> 'hint', '') as hint, p.problem ->> 'field' as field, p.tries, cm_iso(p.retry_at) as "retryAt", ${keys.key} as "cursorKey"
		from (${sql.join(branches, sql` union all `)}) p join c_channel c on c.id = p.channel_id
		where ${ofKind} and ${keys.where}
		order by ${keys.orderBy} limit ${keys.limit}`);
	return keys.page(rows);
}

/** The same problems grouped by channel and cause, most frequent first. */
export async function problemGroups(db: Db, input: Filter): Promise<ProblemGroup[]> {
	const { channelId, entity } = input;
	const named = entities.filter(({ name }) => !entity || name === entity);
	if ((channelId && !isId(channelId)) || named.length === 0) return [];
	const branches = named.map((one) => sql`(select * from (${problemsOf(one, channelId)}) q limit ${countAtMost})`);
	const rows = await db.execute<ProblemGroup>(sql`
		select g.*, c.name as "channelName" from (
			select p.channel_id::text as "channelId", p.kind, count(*)::int as problems,
				count(*) filter (where p.status in ('failed', 'quarantined'))::int as retryable, count(*) filter (where p.status = 'orphan')::int as missing,
				coalesce(mode() within group (order by p.problem ->> 'message'), '') as message,
				coalesce(mode() within group (order by p.problem ->> 'hint'), '') as hint
			from (${sql.join(branches, sql` union all `)}) p group by 1, 2
		) g join c_channel c on c.id = g."channelId"::bigint order by g.problems desc, c.name, g.kind`);
	return [...rows];
}

/** Channels that cannot be worked with at present, for a reason that is none of their records'. Paused ones are left out. */
export async function channelProblems(db: Db, { channelId }: Filter): Promise<ChannelProblem[]> {
	if (channelId && !isId(channelId)) return [];
	const rows = await db.execute<ChannelProblem>(sql`
		select c.id::text as "channelId", c.name as "channelName", c.problem ->> 'kind' as kind, c.problem ->> 'message' as message,
			c.problem ->> 'hint' as hint, c.problem ->> 'at' as at
		from c_channel c where c.problem is not null and c.paused_at is null and ${channelId ? sql`c.id = ${channelId}::bigint` : sql`true`}
		order by c.name`);
	return [...rows];
}

/** Up to 200 links of a channel that lost a side for this cause, to be unlinked together. */
export async function missingLinks(
	db: Db,
	{ channelId, kind }: { channelId: string; kind: string }
): Promise<{ entity: string; linkId: string }[]> {
	if (!isId(channelId)) return [];
	const branches = entities.map(
		(entity) => sql`
			(select ${entity.name}::text as entity, m.id::text as "linkId" from ${linkTable(entity).map} m
			where m.c_channel_id = ${channelId}::bigint and m.status = 'orphan' and m.problem ->> 'kind' = ${kind} order by m.id limit ${missingAtOnce})`
	);
	const rows = await db.execute<{ entity: string; linkId: string }>(
		sql`select * from (${sql.join(branches, sql` union all `)}) o limit ${missingAtOnce}`
	);
	return [...rows];
}

/** Every problem of one entity: its links, then its creates. */
function problemsOf(entity: Entity, channelId: string | null | undefined): SQL {
	const { map, internal, external } = linkTable(entity);
	const record = sql.identifier(entity.recordTable);
	// Channels are few; naming them lets the index by channel and status answer.
	const channels = channelId ? sql`(${channelId}::bigint)` : sql`(select id from c_channel)`;
	const kind = (alias: string, other: SQL) => sql`coalesce(${sql.raw(alias)}.problem ->> 'kind', ${other})`;
	return sql`
		select 'link' as source, ${`1 ${entity.name}`}::text as place, m.id as problem_id, m.c_channel_id as channel_id, ${entity.name}::text as entity,
			m.${internal} as internal_id, r.value, r.name, m.${external} as external_id, m.status, ${kind('m', sql`m.status`)} as kind, m.problem, m.tries, m.retry_at
		from ${map} m left join ${record} r on r.id = m.${internal}
		where m.c_channel_id in ${channels} and m.status in ('failed', 'quarantined', 'orphan')
		union all
		select 'intent', ${`2 ${entity.name}`}::text, i.id, i.c_channel_id, i.entity, i.internal_id, r.value, r.name, null, 'creating',
			${kind('i', sql`'not-confirmed'`)}, i.problem, i.tries, i.retry_at
		from sync_intent i left join ${record} r on r.id = i.internal_id
		where i.c_channel_id in ${channels} and i.entity = ${entity.name} and i.state = 'problem'`;
}
