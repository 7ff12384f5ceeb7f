import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { entities } from '#src/entities/registry.ts';
import type { AcceptWebhookInput } from '#src/store/accept-webhook.ts';
import { standardWebhooks, type Webhook, type WebhookHint } from '../connectors/webhook.ts';
import { problems, type ApiEnv } from './access.ts';
import type { ApiPorts } from './api-ports.ts';
import { json } from './input.ts';
import { ProblemError } from './problem.ts';
import { createWebhookGate } from './webhook-gate.ts';

const bodyBytesAtMost = 256 * 1024;
const hookIdLength = 200;
const retryAfterSeconds = 5;
/** An unknown channel takes as long as a wrong signature. */
const nobodysSecret = 'whsec_bm9ib2R5J3Mgc2VjcmV0LCBub2JvZHkncyBzZWNyZXQ=';

const answerSchema = z
	.object({
		result: z.enum(['accepted', 'repeated', 'paused']).openapi({
			description: 'repeated: it came before, nothing is done. paused: the channel is paused, nothing is done.'
		})
	})
	.openapi('WebhookAnswer');

const route = createRoute({
	method: 'post',
	path: '/v1/webhooks/{id}',
	summary: 'A channel says that something changed there',
	description:
		'Signed with the secret of the channel: in the form of Standard Webhooks, or in that of its kind of system. It is a hint ' +
		'only: the records that it names are read from the channel itself, and nothing of the body is taken for a value. At most 256 KiB.',
	security: [{ webhook: [] }],
	request: { params: z.object({ id: z.string() }) },
	responses: { 200: json(answerSchema, 'It is genuine.'), ...problems }
});

/** Webhooks in. Whatever is wrong with one, the answer is the same 401. */
export function webhookRoutes(ports: ApiPorts) {
	const gate = createWebhookGate(ports);
	const app = new OpenAPIHono<ApiEnv>();
	const limit = bodyLimit({
		maxSize: bodyBytesAtMost,
		onError: () => {
			throw new ProblemError(413, 'too-large', 'The body is larger than 256 KiB.', 'Send the ids of records only.');
		}
	});
	app.use('/v1/webhooks/:id', limit);
	return app.openapi(route, async (c) => {
		const channelId = c.req.valid('param').id;
		const header: Webhook['header'] = (name) => c.req.header(name) ?? null;
		const known = /^[1-9]\d{0,17}$/.test(channelId);
		const check = known ? await gate.checkOf(channelId) : null;
		const { scheme, secrets } = check ?? { scheme: standardWebhooks, secrets: [nobodysSecret] };
		const id = scheme.idOf(header, ports.clock.nowMs());
		if (id === undefined) throw notGenuine();
		const webhook = { header, body: await bytesOf(c) };
		const genuine = check !== null && scheme.isSigned(webhook, secrets);
		const genuineNow = genuine || (known && (await isSignedNow(gate, channelId, webhook)));
		if (!genuineNow) throw notGenuine();
		if (!gate.admits(channelId)) {
			c.header('retry-after', String(retryAfterSeconds));
			throw new ProblemError(429, 'too-many', 'Too many webhooks at once.', 'Send it again in some seconds.');
		}
		const result = await ports.engine.acceptWebhook(inputOf(channelId, id, scheme.hints(webhook)));
		if (result === 'refused') throw notGenuine();
		return c.json({ result }, 200);
	});
}

/** The secret may have been replaced since it was last looked up. */
async function isSignedNow(
	gate: ReturnType<typeof createWebhookGate>,
	channelId: string,
	webhook: Webhook
): Promise<boolean> {
	const check = await gate.checkOf(channelId, true);
	const { scheme, secrets } = check ?? { scheme: standardWebhooks, secrets: [nobodysSecret] };
	return scheme.isSigned(webhook, secrets) && check !== null;
}

async function bytesOf(c: Context): Promise<Uint8Array> {
	return new Uint8Array(await c.req.arrayBuffer());
}

function inputOf(channelId: string, hookId: string | null, hints: readonly WebhookHint[]): AcceptWebhookInput {
	const names = entities.map(({ name }) => name);
	const named: AcceptWebhookInput['named'][number][] = [];
	const unnamed = new Set<string>();
	for (const { entity, id, variantId = '' } of hints) {
		const about = entity === undefined ? names : names.filter((name) => name === entity);
		// Without its kind an id may be that of anything.
		if (id === undefined || entity === undefined) for (const name of about) unnamed.add(name);
		else for (const name of about) named.push({ entity: name, externalId: id, variantId });
	}
	return { channelId, hookId: hookId?.slice(0, hookIdLength) ?? null, named, unnamed: [...unnamed] };
}

function notGenuine(): ProblemError {
	return new ProblemError(
		401,
		'not-genuine',
		'This webhook is not signed with the secret of a channel, or is more than five minutes old.',
		"Check the address, the secret and the sender's clock; the settings of the channel show the address and make a secret."
	);
}
