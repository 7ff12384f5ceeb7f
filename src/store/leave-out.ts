import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import { refusal, type Refusal } from './refusal.ts';
import { retrying } from './transaction.ts';

export type LeaveOutInput = Person & {
	/** The preview run whose plan it is. */
	runId: string;
	itemIds: readonly string[];
	/** false takes them in again. */
	leftOut: boolean;
};
export type LeaveOutResult = { ok: true; items: number } | Refusal;

/** Takes records out of a plan that nobody carried out yet, or in again. */
export async function leaveOut(db: Db, input: LeaveOutInput): Promise<LeaveOutResult> {
	return retrying(db, async (tx) => {
		const [run] = await tx.execute<{ channelId: string; applied: boolean }>(sql`
			select r.c_channel_id::text as "channelId", exists (
				select 1 from sync_run a where a.plan_id = r.id and a.state not in ('failed', 'cancelled')
			) as applied from sync_run r where r.id = ${input.runId}::bigint and r.mode = 'preview' for update of r`);
		if (!run) return refusal('stale', 'This plan is not here any more.', 'Make a new plan.');
		if (run.applied) return refusal('stale', 'This plan was carried out already.', 'Look at the run that did it.');
		const items = await tx.execute(sql`
			update sync_item set left_out = ${input.leftOut} where run_id = ${input.runId}::bigint and plan is not null
				and id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(input.itemIds)}::text::jsonb)) returning id`);
		if (items.length === 0) return refusal('stale', 'That is not in this plan.', 'Look at the plan again.');
		const detail = { items: items.length };
		const action = input.leftOut ? 'plan-leave-out' : 'plan-take-in';
		await writeAudit(tx, input, { action, object: `run/${input.runId}`, channelId: run.channelId, detail });
		return { ok: true, items: items.length };
	});
}
