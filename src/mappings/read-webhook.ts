import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

/** How a channel's webhooks stand, without any secret. */
export type WebhookState = {
	changedAt: string;
	changedBy: string;
	/** Until when the secret before is still good; null where it is not. */
	previousUntil: string | null;
	/** When the last genuine one came. */
	receivedAt: string | null;
};

/** Null where the channel takes no webhooks. */
export async function readWebhook(db: Db, input: { channelId: string }): Promise<WebhookState | null> {
	const [row] = await db.execute<WebhookState>(sql`
		select cm_iso(changed_at) as "changedAt", changed_by as "changedBy", cm_iso(received_at) as "receivedAt",
			case when previous_until > now() then cm_iso(previous_until) end as "previousUntil"
		from c_channel_webhook where c_channel_id = ${input.channelId}::bigint`);
	return row ?? null;
}
