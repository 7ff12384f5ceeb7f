import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

/** What a webhook of a channel is checked with. */
export type WebhookAccess = {
	connector: string;
	settings: Record<string, unknown>;
	/** Sealed; every one is good now. */
	secrets: string[];
};

/** Null where there is no such channel, or it takes no webhooks. */
export async function loadWebhook(db: Db, input: { channelId: string }): Promise<WebhookAccess | null> {
	const [row] = await db.execute<WebhookAccess>(sql`
		select c.connector, c.settings,
			case when w.previous_until > now() then array[w.secret, w.previous_secret] else array[w.secret] end as secrets
		from c_channel_webhook w join c_channel c on c.id = w.c_channel_id
		where w.c_channel_id = ${input.channelId}::bigint`);
	return row ?? null;
}
