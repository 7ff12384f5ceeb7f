import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { seal } from '#src/db/seal.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { unknownChannel } from './refusals.ts';
import { retrying } from './transaction.ts';

export type ReplaceWebhookSecretInput = Person & {
	channelId: string;
	/** Plain; stored sealed. */
	secret: string;
	secretKey: string;
};
export type EndWebhookInput = Person & { channelId: string };
export type WebhookResult = { ok: true } | Refusal;

/** The name under which a webhook secret is sealed. */
export const webhookSecretField = 'webhook-secret';
/** How long the secret before goes on being good, so that the sender can be changed in peace. */
export const overlapHours = 24;

/** Gives a channel's webhooks their secret, or another one; the one before stays good for a day. */
export async function replaceWebhookSecret(db: Db, input: ReplaceWebhookSecretInput): Promise<WebhookResult> {
	const { channelId } = input;
	return retrying(db, async (tx): Promise<WebhookResult> => {
		const found = await tx.execute(
			sql`select 1 from c_channel where id = ${channelId}::bigint and deleted_at is null for share`
		);
		if (found.length === 0) return unknownChannel(channelId);
		const sealed = seal(input.secretKey, input.secret, channelId, webhookSecretField);
		await tx.execute(sql`
			insert into c_channel_webhook (c_channel_id, secret, changed_by) values (${channelId}::bigint, ${sealed}, ${input.actor.name})
			on conflict (c_channel_id) do update set previous_secret = c_channel_webhook.secret,
				previous_until = now() + make_interval(hours => ${overlapHours}), secret = excluded.secret, changed_at = now(), changed_by = excluded.changed_by`);
		await writeAudit(tx, input, { action: 'replace-webhook-secret', object: `channel/${channelId}`, channelId });
		return { ok: true };
	});
}

/** Refuses the channel's webhooks from now on. */
export async function endWebhook(db: Db, input: EndWebhookInput): Promise<WebhookResult> {
	const { channelId } = input;
	return retrying(db, async (tx): Promise<WebhookResult> => {
		const ended = await tx.execute(
			sql`delete from c_channel_webhook where c_channel_id = ${channelId}::bigint returning c_channel_id`
		);
		if (ended.length === 0) return { ok: true };
		await writeAudit(tx, input, { action: 'end-webhook', object: `channel/${channelId}`, channelId });
		return { ok: true };
	});
}
