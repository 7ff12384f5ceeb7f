import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { writeAudit } from './journal.ts';
import { linkTable } from './link-state.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { unknownEntity } from './refusals.ts';
import { retrying } from './transaction.ts';

/** Links by id, or all of one channel with one cause. */
export type RetryQuarantinedInput = Person & { entity: string } & (
		{ linkIds: readonly string[] } | { channelId: string; kind: string }
	);
export type RetryQuarantinedResult = { ok: true; links: { id: string; channelId: string }[] } | Refusal;

/** Links that one call frees. */
export const linksAtMost = 10_000;

/** Gives links that failed or were set aside another five tries, at most 10,000 a call. */
export async function retryQuarantined(db: Db, input: RetryQuarantinedInput): Promise<RetryQuarantinedResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const { map, internal, external } = linkTable(entity);
	const which =
		'linkIds' in input
			? sql`m.id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(input.linkIds)}::text::jsonb))`
			: sql`m.c_channel_id = ${input.channelId}::bigint and m.problem ->> 'kind' = ${input.kind}`;
	return retrying(db, async (tx) => {
		const links = await tx.execute<{ id: string; channelId: string }>(sql`
			with locked as (
				select m.id, m.problem, m.tries, to_jsonb(m) as state from ${map} m where ${which} and m.status in ('failed', 'quarantined') order by m.id limit ${linksAtMost} for update
			), freed as (
				update ${map} m set status = 'pending', problem = null, tries = 0, retry_at = null, dirty_seq = m.dirty_seq + 1, state_rev = m.state_rev + 1
				from locked where m.id = locked.id
				returning m.id, m.c_channel_id, m.${internal} as internal, m.${external} as external, m.external_variant_id as variant,
					jsonb_build_object('problem', locked.problem, 'tries', locked.tries) as inputs,
					cm_state_delta(locked.state, to_jsonb(m)) as link_state
			), written as (
				insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, inputs, link_state)
				select c_channel_id, ${entity.name}, id, internal, external, variant, ${input.actor.name}, 'retry', inputs, link_state from freed order by id
			)
			select id::text as id, c_channel_id::text as "channelId" from freed order by freed.id`);
		const [first] = links;
		if (first) {
			const object = links.length === 1 ? `${entity.name}-link/${first.id}` : `${entity.name}-link`;
			const detail = { links: links.length, ...('kind' in input ? { kind: input.kind } : {}) };
			await writeAudit(tx, input, { action: 'retry', object, channelId: first.channelId, detail });
		}
		return { ok: true, links: [...links] };
	});
}
