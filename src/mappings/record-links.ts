import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { LinkProblem } from '#src/entities/map-table.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { LinkStatus } from '#src/sync/outcome.ts';
import type { MatchEvidence } from '#src/sync/match-evidence.ts';
import type { Scope } from '#src/sync/scope.ts';
import { externalJson, type External } from './external.ts';
import { isId } from './identifier.ts';

/** Everything about one record of ours and one channel. */
export type ChannelCard = {
	channel: CardChannel;
	/** Primary first. */
	links: CardLink[];
	/** The three best. */
	suggestions: CardSuggestion[];
	exclusions: CardExclusion[];
	intent: CardIntent | null;
	/** It is not created there yet: it points to a record without a link. */
	awaiting: { message: string; hint: string } | null;
	/** Links that were ended and can be brought back, the last five. */
	ended: EndedLink[];
};

export type CardChannel = {
	id: string;
	name: string;
	connector: string;
	paused: boolean;
	pushLive: boolean;
	pullLive: boolean;
	allowSecondary: boolean;
	autoCreateExternal: boolean;
	/** Which of our records take part; all where null. */
	scope: Scope | null;
};

export type CardLink = {
	id: string;
	externalId: string;
	variantId: string;
	isPrimary: boolean;
	status: LinkStatus;
	waiting: string | null;
	problem: LinkProblem | null;
	baseInternal: Fields | null;
	baseExternal: Fields | null;
	externalVersion: string | null;
	syncedAt: string | null;
	createdAt: string;
	external: External | null;
	openConflicts: number;
};

export type CardSuggestion = {
	id: string;
	externalId: string;
	variantId: string;
	score: number;
	evidence: MatchEvidence[];
	ambiguous: boolean;
	external: External | null;
};

export type CardExclusion = {
	id: string;
	kind: 'pair' | 'record';
	externalId: string | null;
	variantId: string;
	reason: string;
	createdBy: string;
	createdAt: string;
};

export type CardIntent = {
	id: string;
	state: 'open' | 'problem';
	reference: string;
	createdAt: string;
	sentAt: string | null;
	tries: number;
	problem: { kind: string; message: string; hint: string } | null;
};

export type EndedLink = {
	historyId: string;
	linkId: string;
	externalId: string;
	variantId: string;
	externalName: string | null;
	reason: string;
	endedBy: string;
	endedAt: string;
};

type At<T> = T & { channelId: string };
type Input = { entity: Entity; id: string };

/** One card per channel that carries the entity, in channel order; none for an unknown entity. */
export async function recordLinks(db: Db, input: { entity: string; id: string }): Promise<ChannelCard[]> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.id)) return [];
	const at = { entity, id: input.id };
	const channels = await executePlanned<CardChannel>(
		db,
		sql`select c.id::text as id, c.name, c.connector, c.paused_at is not null as paused, e.push_live as "pushLive", e.pull_live as "pullLive",
			e.allow_secondary as "allowSecondary", e.auto_create_external as "autoCreateExternal", e.policy #> '{scope,internal}' as scope
		from c_channel_entity e join c_channel c on c.id = e.c_channel_id where e.entity = ${entity.name} order by c.id`
	);
	const [links, suggestions, exclusions, intents, awaiting, ended] = await Promise.all([
		readLinks(db, at),
		readSuggestions(db, at),
		readExclusions(db, at),
		readIntents(db, at),
		readAwaiting(db, at),
		readEnded(db, at)
	]);
	return channels.map((channel) => ({
		channel,
		links: links.get(channel.id) ?? [],
		suggestions: suggestions.get(channel.id) ?? [],
		exclusions: exclusions.get(channel.id) ?? [],
		intent: intents.get(channel.id)?.[0] ?? null,
		awaiting: awaiting.get(channel.id)?.[0] ?? null,
		ended: ended.get(channel.id) ?? []
	}));
}

function byChannel<T extends object>(rows: readonly At<T>[]): Map<string, T[]> {
	const groups = Map.groupBy(rows, (row) => row.channelId);
	return new Map([...groups].map(([id, list]) => [id, list.map(({ channelId: _, ...row }) => row as unknown as T)]));
}

async function readLinks(db: Db, { entity, id }: Input) {
	const { map, internal, external } = linkTable(entity);
	return byChannel<CardLink>(
		await executePlanned<At<CardLink>>(
			db,
			sql`select m.c_channel_id::text as "channelId", m.id::text as id, m.${external} as "externalId", m.external_variant_id as "variantId",
				m.is_primary as "isPrimary", m.status, m.waiting, m.problem, m.base_internal as "baseInternal", m.base_external as "baseExternal",
				m.external_version as "externalVersion", cm_iso(m.synced_at) as "syncedAt", cm_iso(m.created_at) as "createdAt",
				${externalJson('x')} as external,
				(select count(*) from sync_conflict k where k.entity = ${entity.name} and k.link_id = m.id and k.state = 'open')::int as "openConflicts"
			from ${map} m left join c_channel_record x on x.c_channel_id = m.c_channel_id and x.entity = ${entity.name}
				and x.external_id = m.${external} and x.external_variant_id = m.external_variant_id
			where m.${internal} = ${id}::bigint order by m.is_primary desc, m.id limit 200`
		)
	);
}

async function readSuggestions(db: Db, { entity, id }: Input) {
	return byChannel<CardSuggestion>(
		await executePlanned<At<CardSuggestion>>(
			db,
			sql`select e.c_channel_id::text as "channelId", s.id::text as id, s.external_id as "externalId", s.external_variant_id as "variantId",
				s.score, s.evidence, s.ambiguous, ${externalJson('x')} as external
			from c_channel_entity e
			cross join lateral (
				select s.* from c_channel_suggestion s where s.c_channel_id = e.c_channel_id and s.entity = e.entity and s.internal_id = ${id}::bigint
				order by s.score desc, s.id limit 3
			) s
			left join c_channel_record x on x.c_channel_id = s.c_channel_id and x.entity = s.entity and x.external_id = s.external_id
				and x.external_variant_id = s.external_variant_id
			where e.entity = ${entity.name} order by s.score desc, s.id`
		)
	);
}

async function readExclusions(db: Db, { entity, id }: Input) {
	return byChannel<CardExclusion>(
		await executePlanned<At<CardExclusion>>(
			db,
			sql`select x.c_channel_id::text as "channelId", x.id::text as id, x.kind, x.external_id as "externalId", x.external_variant_id as "variantId",
				x.reason, x.created_by as "createdBy", cm_iso(x.created_at) as "createdAt"
			from c_channel_exclusion x join c_channel_entity e on e.c_channel_id = x.c_channel_id and e.entity = x.entity
			where x.entity = ${entity.name} and x.internal_id = ${id}::bigint order by x.id limit 200`
		)
	);
}

async function readIntents(db: Db, { entity, id }: Input) {
	return byChannel<CardIntent>(
		await executePlanned<At<CardIntent>>(
			db,
			sql`select i.c_channel_id::text as "channelId", i.id::text as id, i.state, i.reference, cm_iso(i.created_at) as "createdAt",
				cm_iso(i.sent_at) as "sentAt", i.tries, i.problem
			from sync_intent i join c_channel_entity e on e.c_channel_id = i.c_channel_id and e.entity = i.entity
			where i.entity = ${entity.name} and i.internal_id = ${id}::bigint`
		)
	);
}

async function readAwaiting(db: Db, { entity, id }: Input) {
	return byChannel<{ message: string; hint: string }>(
		await db.execute<At<{ message: string; hint: string }>>(sql`
			select a.c_channel_id::text as "channelId", a.problem ->> 'message' as message, a.problem ->> 'hint' as hint
			from c_channel_entity e join sync_awaiting a on a.c_channel_id = e.c_channel_id and a.entity = e.entity
				and a.owner = 'internal' and a.owner_id = ${id}::text
			where e.entity = ${entity.name} order by a.field`)
	);
}

async function readEnded(db: Db, { entity, id }: Input) {
	const { map } = linkTable(entity);
	return byChannel<EndedLink>(
		await executePlanned<At<EndedLink>>(
			db,
			sql`select h.* from (
				select h.c_channel_id::text as "channelId", h.id::text as "historyId", h.link_id::text as "linkId", h.external_id as "externalId",
					h.external_variant_id as "variantId", x.fields ->> 'name' as "externalName", h.reason, h.ended_by as "endedBy",
					cm_iso(h.ended_at) as "endedAt", row_number() over (partition by h.c_channel_id order by h.id desc) as place
				from link_history h left join c_channel_record x on x.c_channel_id = h.c_channel_id and x.entity = h.entity
					and x.external_id = h.external_id and x.external_variant_id = h.external_variant_id
				where h.entity = ${entity.name} and h.internal_id = ${id}::bigint and h.undone_at is null and h.reason not in ('repointed', 'restored')
					and not exists (select 1 from ${map} m where m.id = h.link_id)
			) h where h.place <= 5 order by h."historyId"::bigint desc`
		)
	);
}
