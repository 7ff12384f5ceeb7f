import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { refusal, type Refusal } from '#src/store/refusal.ts';
import { isId } from './identifier.ts';
import { countAtMost } from './unlinked-counts.ts';

/** The plan that a preview made. */
export type Plan = {
	runId: string;
	channelId: string;
	channelName: string;
	entity: string;
	/** Records that would be written; stops at 10,000, as does the next. */
	items: number;
	/** Records among them that a person took out. */
	leftOut: number;
	pushLive: boolean;
	pullLive: boolean;
	paused: boolean;
	/** The preview is over. */
	complete: boolean;
	/** The run that carried it out, or is about to. */
	appliedBy: { id: string; state: string } | null;
};

/** What a preview planned; null where the run is none. */
export async function readPlan(db: Db, { runId }: { runId: string }): Promise<Plan | null> {
	if (!isId(runId)) return null;
	const [row] = await db.execute<Plan>(sql`
		select r.id::text as "runId", c.id::text as "channelId", c.name as "channelName", r.entity, n.items, n.left_out as "leftOut",
			coalesce(e.push_live, false) as "pushLive", coalesce(e.pull_live, false) as "pullLive", c.paused_at is not null as paused,
			r.state in ('succeeded', 'partial') as complete,
			(select jsonb_build_object('id', a.id::text, 'state', a.state) from sync_run a
				where a.plan_id = r.id and a.state not in ('failed', 'cancelled') order by a.id limit 1) as "appliedBy"
		from sync_run r join c_channel c on c.id = r.c_channel_id
		left join c_channel_entity e on e.c_channel_id = c.id and e.entity = r.entity
		cross join lateral (
			select count(*)::int as items, count(*) filter (where i.left_out)::int as left_out
			from (select i.left_out from sync_item i where i.run_id = r.id and i.plan is not null limit ${countAtMost}) i
		) n
		where r.id = ${runId}::bigint and r.mode = 'preview'`);
	return row ?? null;
}

/** Why a plan cannot be carried out; null where it can. */
export function planRefusal(plan: Plan): Refusal | null {
	const { channelName: channel } = plan;
	if (!plan.complete) return refusal('stale', 'This preview did not end well.', 'Make a new plan.');
	if (plan.appliedBy)
		return refusal('stale', 'This plan was carried out already.', `Look at run ${plan.appliedBy.id}.`);
	if (plan.paused) return refusal('stale', `${channel} is paused.`, 'Resume the channel, then carry the plan out.');
	if (!plan.pushLive && !plan.pullLive)
		return refusal(
			'not-allowed',
			`Nothing is sent to ${channel} or received from it yet.`,
			'Go live in a direction first, on the page of the channel.'
		);
	if (plan.items === plan.leftOut) return refusal('stale', 'Nothing is left in this plan.', 'Take a record in again.');
	return null;
}
