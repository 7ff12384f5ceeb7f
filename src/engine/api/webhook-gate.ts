import { unseal } from '#src/db/seal.ts';
import type { Db } from '#src/db/client.ts';
import { loadWebhook } from '#src/store/load-webhook.ts';
import { webhookSecretField } from '#src/store/webhook-secret.ts';
import { standardWebhooks, type WebhookScheme } from '../connectors/webhook.ts';
import { connectorNamed } from '../connectors/registry.ts';
import type { Connector } from '../connectors/connector.ts';
import type { Clock } from '../ports.ts';

/** What a channel's webhooks are checked with. */
export type WebhookCheck = { scheme: WebhookScheme; secrets: readonly string[] };

type Kept = { check: WebhookCheck | null; atMs: number };

const keptMs = 2_000;
const keptAtMost = 1_000;
/** A secret may just have been replaced: so soon after a look nobody makes us look again. */
const lookAgainMs = 250;
const burst = 100;
const perSecond = 20;

/** Keeps floods away from the database: checks are remembered for a moment, and genuine webhooks are counted by channel. */
export function createWebhookGate(ports: {
	db: Db;
	connectors: readonly Connector[];
	clock: Pick<Clock, 'monotonicMs'>;
	secretKey: string;
}) {
	const { clock } = ports;
	const kept = new Map<string, Kept>();
	const buckets = new Map<string, { tokens: number; atMs: number }>();
	const load = async (channelId: string): Promise<Kept> => {
		if (kept.size >= keptAtMost) kept.clear();
		const found = { check: await readCheck(ports, channelId), atMs: clock.monotonicMs() };
		kept.set(channelId, found);
		return found;
	};
	return {
		/** How webhooks of the channel are checked; null where it takes none. `again`: the one before did not fit. */
		async checkOf(channelId: string, again = false): Promise<WebhookCheck | null> {
			const known = kept.get(channelId);
			const goodForMs = again ? lookAgainMs : keptMs;
			if (known && clock.monotonicMs() - known.atMs < goodForMs) return known.check;
			return (await load(channelId)).check;
		},
		/** Counts one genuine webhook; false where there are too many. */
		admits(channelId: string): boolean {
			const nowMs = clock.monotonicMs();
			const bucket = buckets.get(channelId) ?? { tokens: burst, atMs: nowMs };
			const tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond);
			buckets.set(channelId, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
			return tokens >= 1;
		}
	};
}

async function readCheck(
	{ db, connectors, secretKey }: { db: Db; connectors: readonly Connector[]; secretKey: string },
	channelId: string
): Promise<WebhookCheck | null> {
	const access = await loadWebhook(db, { channelId });
	if (!access) return null;
	const scheme = connectorNamed(access.connector, connectors)?.webhook?.(access.settings) ?? standardWebhooks;
	const secrets = access.secrets.map((sealed) => unseal(secretKey, sealed, channelId, webhookSecretField));
	return { scheme, secrets };
}
