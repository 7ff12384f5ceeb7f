import { newWebhookSecret } from '#src/auth/webhook-secret.ts';
import type { Db } from '#src/db/client.ts';
import type { Person } from '#src/store/person.ts';
import type { Refusal } from '#src/store/refusal.ts';
import { refusal } from '#src/store/refusal.ts';
import * as store from '#src/store/webhook-secret.ts';
import { guarded, id, text } from './guarded.ts';

const shortestSecret = 16;

/** Gives a channel's webhooks the secret that was entered, or a new one; this is the only time its text is known. */
export const replaceWebhookSecret = guarded(
	'manage-channel',
	{ channelId: id, entered: text(500).trim() },
	async (
		db: Db,
		input: Person & { channelId: string; entered: string; secretKey: string }
	): Promise<{ ok: true; secret: string } | Refusal> => {
		const { entered, ...rest } = input;
		if (entered !== '' && entered.length < shortestSecret) {
			const message = `A secret needs ${shortestSecret} characters or more.`;
			return refusal('invalid', message, 'Leave the field empty to have one made.', { field: 'entered' });
		}
		const secret = entered === '' ? newWebhookSecret() : entered;
		const result = await store.replaceWebhookSecret(db, { ...rest, secret });
		return result.ok ? { ok: true, secret } : result;
	}
);

/** Refuses the channel's webhooks from now on. */
export const endWebhook = guarded('manage-channel', { channelId: id }, store.endWebhook);
