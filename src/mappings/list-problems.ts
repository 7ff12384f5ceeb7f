import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
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

/** Problems of one channel with one cause. Numbers stop at 10,000 per entity; message and hint are those most often given together. */
export type ProblemGroup = {
	channelId: string;
	channelName: string;
	kind: string;
	problems: number;
	/** Links among them that another try may help. */
	retryable: number;
	/** Links among them of which one side is gone. */
	missing: number;
	/** Creates among them. */
	creates: number;
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

/** Records that are set aside in one go from the inbox. */
export const excludedAtOnce = 200;

/** Of what there are problems, as "entity status", and a mark that is another one once any came or went. */
export type Troubled = { there: ReadonlySet<string>; mark: string };

/** `troubled`: what `troubledNow` said for this page already. */
type Filter = { channelId?: string | null; entity?: string | null; troubled?: Troubled };

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
	const page = (rows: SQL) =>
		sql`(select p.* from (${rows}) p where ${ofKind} and ${keys.where} order by ${keys.orderBy} limit ${keys.limit})`;
	const { there } = input.troubled ?? (await troubledNow(db));
	const branches = named.flatMap((one) => {
		const record = sql.identifier(one.recordTable);
		const withRecord = (problems: SQL) => sql`
			select p.*, r.value, r.name from ${channelsOf(channelId)} c cross join lateral ${page(problems)} p left join ${record} r on r.id = p.internal_id`;
		// A status each, so that the planner knows how many there are.
		const links = troubled.filter((status) => there.has(`${one.name} ${status}`));
		const all = links.map((status) => linkProblems(one, sql`c.id`, sql`= ${sql.raw(`'${status}'`)}`));
		if (there.has(`${one.name} creating`)) all.push(createProblems(one, sql`c.id`));
		return all.map(withRecord);
	});
	if (branches.length === 0) return keys.page<ProblemRow & Keyed>([]);
	const rows = await db.execute<ProblemRow & Keyed>(sql`
		select p.source, p.problem_id::text as id, p.channel_id::text as "channelId", c.name as "channelName", p.entity, p.internal_id::text as "internalId",
			p.value, p.name, p.external_id as "externalId", p.status, p.kind, coalesce(p.problem ->> 'message', '') as message,
			coalesce(p.problem ->> 'hint', '') as hint, p.problem ->> 'field' as field, p.tries, cm_iso(p.retry_at) as "retryAt", ${keys.key} as "cursorKey"
		from (${sql.join(branches, sql` union all `)}) p join c_channel c on c.id = p.channel_id
		order by ${keys.orderBy} limit ${keys.limit}`);
	return keys.page(rows);
}

/** The same problems grouped by channel and cause, most frequent first. */
export async function problemGroups(db: Db, input: Filter): Promise<ProblemGroup[]> {
	const { channelId, entity } = input;
	const named = entities.filter(({ name }) => !entity || name === entity);
	if ((channelId && !isId(channelId)) || named.length === 0) return [];
	const { there } = input.troubled ?? (await troubledNow(db));
	// Equal ones first: most problems of a cause say the same, and reading what they say costs more than telling them apart.
	const branches = named.flatMap((one) => {
		const all = troubled.some((status) => there.has(`${one.name} ${status}`))
			? [linkProblems(one, sql`c.id`, sql`in ('failed', 'quarantined', 'orphan')`)]
			: [];
		if (there.has(`${one.name} creating`)) all.push(createProblems(one, sql`c.id`));
		if (all.length === 0) return [];
		return sql`select q.channel_id, q.status, q.said, count(*) as n from (
			select q.channel_id, q.status, coalesce(q.problem, '{}') as said
			from ${channelsOf(channelId)} c cross join lateral (${sql.join(all, sql` union all `)}) q limit ${countAtMost}
		) q group by 1, 2, 3`;
	});
	if (branches.length === 0) return [];
	const rows = await db.execute<ProblemGroup>(sql`
		with alike as (
			select p.channel_id, p.status, coalesce(p.said ->> 'kind', case when p.status = 'creating' then 'not-confirmed' else p.status end) as kind,
				coalesce(p.said ->> 'message', '') as message, coalesce(p.said ->> 'hint', '') as hint, sum(p.n)::int as n
			from (${sql.join(branches, sql` union all `)}) p group by 1, 2, 3, 4, 5
		), often as (
			select distinct on (channel_id, kind) channel_id, kind, message, hint from alike
			group by channel_id, kind, message, hint order by channel_id, kind, sum(n) desc, message, hint
		)
		select g.channel_id::text as "channelId", c.name as "channelName", g.kind, g.problems, g.retryable, g.missing, g.creates, o.message, o.hint from (
			select channel_id, kind, sum(n)::int as problems,
				coalesce(sum(n) filter (where status in ('failed', 'quarantined')), 0)::int as retryable,
				coalesce(sum(n) filter (where status = 'orphan'), 0)::int as missing, coalesce(sum(n) filter (where status = 'creating'), 0)::int as creates
			from alike group by 1, 2
		) g join often o using (channel_id, kind) join c_channel c on c.id = g.channel_id order by g.problems desc, c.name, g.kind`);
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

/** Links of one entity at a channel with one cause: those that another try may help, and those that lost a side. */
export type CauseLinks = { entity: string; retryable: number; missing: number; newestId: string };

/** How many links of a channel have this cause, by entity; those without any are left out. Stops at 10,000 an entity. */
export async function causeLinks(
	db: Db,
	{ channelId, kind }: { channelId: string; kind: string }
): Promise<CauseLinks[]> {
	if (!isId(channelId)) return [];
	const branches = entities.map(
		(entity) => sql`
			select ${entity.name}::text as entity, count(*) filter (where p.status <> 'orphan')::int as retryable,
				count(*) filter (where p.status = 'orphan')::int as missing, coalesce(max(p.problem_id), 0)::text as "newestId"
			from (select * from (${linkProblems(entity, sql`${channelId}::bigint`, sql`in ('failed', 'quarantined', 'orphan')`)}) p
				where p.kind = ${kind} limit ${countAtMost}) p`
	);
	const rows = await db.execute<CauseLinks>(sql`${sql.join(branches, sql` union all `)}`);
	return rows.filter(({ retryable, missing }) => retryable + missing > 0);
}

/** Up to 200 records of ours whose create at a channel failed for this cause, to be set aside together. */
export async function failedCreates(
	db: Db,
	{ channelId, kind }: { channelId: string; kind: string }
): Promise<{ entity: string; internalId: string }[]> {
	if (!isId(channelId)) return [];
	const branches = entities.map((entity) => createProblems(entity, sql`${channelId}::bigint`));
	const rows = await db.execute<{ entity: string; internalId: string }>(sql`
		select p.entity, p.internal_id::text as "internalId" from (${sql.join(branches, sql` union all `)}) p
		where p.kind = ${kind} order by p.problem_id limit ${excludedAtOnce}`);
	return [...rows];
}

/** Links that are restored in one go from the inbox: each one asks the channel first. */
export const restoredAtOnce = 50;

/** Up to 50 links whose record is gone at a channel for this cause, oldest first. */
export async function missingThere(
	db: Db,
	{ channelId, kind }: { channelId: string; kind: string }
): Promise<{ entity: string; linkId: string }[]> {
	if (!isId(channelId)) return [];
	const branches = entities.map((entity) => linkProblems(entity, sql`${channelId}::bigint`, sql`= 'orphan'`));
	const rows = await db.execute<{ entity: string; linkId: string }>(sql`
		select p.entity, p.problem_id::text as "linkId" from (${sql.join(branches, sql` union all `)}) p
		where p.kind = ${kind} order by p.problem_id limit ${restoredAtOnce}`);
	return [...rows];
}

const troubled = ['failed', 'quarantined', 'orphan'] as const;

/** What there are problems of: planning a query for all that there could be takes longer than the query. */
export async function troubledNow(db: Db): Promise<Troubled> {
	const rows = await executePlanned<{ name: string; mark: string }>(
		db,
		sql`select n.entity || ' ' || n.status as name, sum(n.links) || ' ' || max(n.id) as mark
			from sync_link_count n where n.status in ('failed', 'quarantined', 'orphan') group by n.entity, n.status having sum(n.links) > 0
			union all select i.entity || ' creating', count(*) || ' ' || max(i.id) from sync_intent i
			where i.state = 'problem' and ${notExcluded('i')} group by i.entity order by 1`
	);
	return { there: new Set(rows.map(({ name }) => name)), mark: JSON.stringify(rows) };
}

/** Channels are few; going through them lets the index by channel and status answer. */
function channelsOf(channelId: string | null | undefined): SQL {
	return channelId ? sql`(select ${channelId}::bigint as id)` : sql`c_channel`;
}

/** Links of one entity at a channel, of the statuses that the condition names. */
function linkProblems(entity: Entity, channel: SQL, status: SQL): SQL {
	const { map, internal, external } = linkTable(entity);
	return sql`
		select 'link' as source, ${`1 ${entity.name}`}::text as place, m.id as problem_id, m.c_channel_id as channel_id, ${entity.name}::text as entity,
			m.${internal} as internal_id, m.${external} as external_id, m.status, coalesce(m.problem ->> 'kind', m.status) as kind, m.problem, m.tries, m.retry_at
		from ${map} m where m.c_channel_id = ${channel} and m.status ${status}`;
}

/** Creates of one entity at a channel that could not be confirmed, but for records that a person set aside since. */
function createProblems(entity: Entity, channel: SQL): SQL {
	return sql`
		select 'intent' as source, ${`2 ${entity.name}`}::text as place, i.id as problem_id, i.c_channel_id as channel_id, i.entity,
			i.internal_id, null as external_id, 'creating' as status, coalesce(i.problem ->> 'kind', 'not-confirmed') as kind, i.problem, i.tries, i.retry_at
		from sync_intent i where i.c_channel_id = ${channel} and i.entity = ${entity.name} and i.state = 'problem' and ${notExcluded('i')}`;
}

/** Condition on sync_intent under this alias: nobody set its record aside. */
export function notExcluded(alias: string): SQL {
	const a = sql.raw(alias);
	return sql`not exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${a}.c_channel_id and x.entity = ${a}.entity
		and x.kind = 'record' and x.internal_id = ${a}.internal_id)`;
}
