import { sql, type SQL } from 'drizzle-orm';
import type { LinkStatus } from '#src/sync/outcome.ts';
import type { ChannelEntityPolicy, Schedule } from '#src/sync/policy.ts';

export type RunBrief = {
	id: string;
	mode: string;
	state: string;
	queuedAt: string;
	startedAt: string | null;
	endedAt: string | null;
	problem: { kind: string; message: string; hint: string } | null;
};

/** What a channel does for one entity, with what an operator asks first. */
export type ChannelEntityRow = {
	entity: string;
	pushLive: boolean;
	pullLive: boolean;
	autoCreateExternal: boolean;
	autoCreateInternal: boolean;
	allowSecondary: boolean;
	policy: ChannelEntityPolicy;
	schedule: Schedule;
	settingsRev: number;
	failures: number;
	/** When the last complete scan of the channel started. */
	sweptAt: string | null;
	/** Links by status; a status without links is absent. */
	counts: Partial<Record<LinkStatus, number>>;
	suggestions: number;
	/** Open holds: effects that wait for approval. */
	held: number;
	lastRun: RunBrief | null;
	lastSuccessAt: string | null;
};

export type ChannelRow = {
	id: string;
	name: string;
	connector: string;
	pausedAt: string | null;
	/** 'person' | 'copy' */
	pausedReason: string | null;
	problem: { kind: string; message: string; hint: string; at: string } | null;
	entities: ChannelEntityRow[];
};

/** The columns of a `ChannelRow` of `c_channel c`, its entities as one JSON array. */
export function channelColumns(): SQL {
	return sql`
		c.id::text as id, c.name, c.connector, cm_iso(c.paused_at) as "pausedAt", c.paused_reason as "pausedReason", c.problem,
		coalesce((select jsonb_agg(${entityJson()} order by e.entity) from c_channel_entity e where e.c_channel_id = c.id), '[]') as entities`;
}

function entityJson(): SQL {
	return sql`jsonb_build_object(
		'entity', e.entity, 'pushLive', e.push_live, 'pullLive', e.pull_live,
		'autoCreateExternal', e.auto_create_external, 'autoCreateInternal', e.auto_create_internal,
		'allowSecondary', e.allow_secondary, 'policy', e.policy, 'schedule', e.schedule, 'settingsRev', e.settings_rev,
		'failures', e.failures, 'sweptAt', cm_iso(e.swept_at),
		'counts', coalesce((
			select jsonb_object_agg(t.status, t.links) from (
				select n.status, sum(n.links)::int as links from sync_link_count n
				where n.c_channel_id = c.id and n.entity = e.entity group by n.status having sum(n.links) > 0
			) t), '{}'),
		'suggestions', (select least(coalesce(sum(s.suggestions), 0), 10000)::int from sync_suggestion_count s
			where s.c_channel_id = c.id and s.entity = e.entity),
		'held', (select count(*)::int from sync_hold h where h.c_channel_id = c.id and h.entity = e.entity and h.state = 'open'),
		'lastRun', (
			select jsonb_build_object('id', r.id::text, 'mode', r.mode, 'state', r.state, 'queuedAt', cm_iso(r.queued_at),
				'startedAt', cm_iso(r.started_at), 'endedAt', cm_iso(r.ended_at), 'problem', r.problem)
			from sync_run r where r.c_channel_id = c.id and r.entity = e.entity order by r.id desc limit 1),
		'lastSuccessAt', (
			select cm_iso(r.ended_at) from sync_run r
			where r.c_channel_id = c.id and r.entity = e.entity and r.state in ('succeeded', 'partial')
			order by r.id desc limit 1))`;
}
