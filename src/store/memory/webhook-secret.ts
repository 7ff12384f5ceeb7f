import { seal } from '#src/db/seal.ts';
import { unknownChannel } from '../refusals.ts';
import {
	overlapHours,
	webhookSecretField,
	type EndWebhookInput,
	type ReplaceWebhookSecretInput,
	type WebhookResult
} from '../webhook-secret.ts';
import { writeAudit } from './person-journal.ts';
import type { Tables } from './tables.ts';

const hourMs = 3600 * 1000;

/** `replaceWebhookSecret` in memory. */
export function replaceWebhookSecret(tables: Tables, input: ReplaceWebhookSecretInput): WebhookResult {
	const { channelId } = input;
	const channel = tables.channels.get(channelId);
	if (!channel || channel.deletedAt !== null) return unknownChannel(channelId);
	const secret = seal(input.secretKey, input.secret, channelId, webhookSecretField);
	const changed = { changedAt: tables.now(), changedBy: input.actor.name };
	const before = tables.channelWebhooks.get(channelId);
	if (before) {
		const previousUntil = tables.nowPlus(overlapHours * hourMs);
		const previousSecret = before.secret;
		tables.channelWebhooks.replace(before, { ...before, ...changed, secret, previousSecret, previousUntil });
	} else {
		const previous = { previousSecret: null, previousUntil: null };
		tables.channelWebhooks.insert({ channelId, secret, ...previous, ...changed, receivedAt: null });
	}
	writeAudit(tables, input, { action: 'replace-webhook-secret', object: `channel/${channelId}`, channelId });
	return { ok: true };
}

/** `endWebhook` in memory. */
export function endWebhook(tables: Tables, input: EndWebhookInput): WebhookResult {
	const { channelId } = input;
	const row = tables.channelWebhooks.get(channelId);
	if (!row) return { ok: true };
	tables.channelWebhooks.remove(row);
	writeAudit(tables, input, { action: 'end-webhook', object: `channel/${channelId}`, channelId });
	return { ok: true };
}
