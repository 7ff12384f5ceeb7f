import { randomBytes } from 'node:crypto';

const secretBytes = 32;

/** A new secret for a channel's webhooks, in the form of Standard Webhooks: 256 random bits. */
export function newWebhookSecret(): string {
	return `whsec_${randomBytes(secretBytes).toString('base64')}`;
}
