import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { writeAudit } from './journal.ts';
import { linkTable } from './link-state.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { unknownEntity, unknownLink } from './refusals.ts';
import { retrying } from './transaction.ts';

export type RequestSyncInput = Person & { entity: string; linkIds: readonly string[] };
export type RequestSyncResult = { ok: true; links: { id: string; channelId: string }[] } | Refusal;

/** Marks links to be compared at once, whatever they waited for. The run itself is the engine's to start. */
export async function requestSync(db: Db, input: RequestSyncInput): Promise<RequestSyncResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const { map } = linkTable(entity);
	return retrying(db, async (tx) => {
		const links = await tx.execute<{ id: string; channelId: string }>(sql`
			with locked as (
				select id from ${map} where id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(input.linkIds)}::text::jsonb))
				order by id for update
			), marked as (
				update ${map} m set dirty_seq = m.dirty_seq + 1, retry_at = null from locked where m.id = locked.id
				returning m.id, m.c_channel_id
			)
			select id::text as id, c_channel_id::text as "channelId" from marked order by marked.id`);
		if (links.length === 0) return unknownLink();
		for (const { id, channelId } of links.slice(0, 1)) {
			const object = links.length === 1 ? `${entity.name}-link/${id}` : `${entity.name}-link`;
			await writeAudit(tx, input, {
				action: 'sync',
				object,
				channelId,
				detail: { links: links.map((link) => link.id) }
			});
		}
		return { ok: true, links: [...links] };
	});
}
