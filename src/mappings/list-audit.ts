import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

export type AuditRow = {
	id: string;
	at: string;
	actor: string;
	via: string;
	action: string;
	/** What it was done to: `product-link/12`, `channel/3`. */
	object: string;
	channelId: string | null;
	channelName: string | null;
	detail: Record<string, unknown>;
};

/** What people and programs did, newest first. */
export async function listAudit(db: Db, input: PageInput & { channelId?: string | null }): Promise<Page<AuditRow>> {
	const { channelId } = input;
	if (channelId && !isId(channelId)) return emptyPage();
	const keys = keyset(`audit ${channelId ?? ''}`, [{ column: sql`a.id`, type: 'bigint', descending: true }], input);
	const rows = await db.execute<AuditRow & Keyed>(sql`
		select a.id::text as id, cm_iso(a.at) as at, a.actor, a.via, a.action, a.object, a.c_channel_id::text as "channelId", c.name as "channelName",
			a.detail, ${keys.key} as "cursorKey"
		from audit_event a left join c_channel c on c.id = a.c_channel_id
		where ${channelId ? sql`a.c_channel_id = ${channelId}::bigint` : sql`true`} and ${keys.where}
		order by ${keys.orderBy} limit ${keys.limit}`);
	return keys.page(rows);
}
