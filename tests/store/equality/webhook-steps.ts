import type { Maker } from './run-steps.ts';

const secretKey = 'a secret key for tests, 32 characters and more';

/** Calls of the verbs about webhooks. */
export const webhookSteps: Readonly<Record<string, Maker>> = {
	acceptWebhook: (view) => {
		const { random } = view;
		const named = Array.from({ length: random.int(4) }, () => {
			const { externalId, variantId } = random.chance(0.6) ? view.link() : view.external();
			return { entity: view.entity, externalId, variantId: random.chance(0.5) ? '' : variantId };
		});
		const input = {
			channelId: view.channelId,
			hookId: random.chance(0.2) ? null : `hook-${random.int(6)}`,
			named,
			unnamed: random.some(['product', 'business-partner', 'nothing'], 2)
		};
		return { port: 'store', verb: 'acceptWebhook', input };
	},
	takeHints: (view) => ({
		port: 'store',
		verb: 'takeHints',
		input: { channelId: view.channelId, entity: view.entity, limit: view.random.pick([1, 2, 100]) }
	}),
	replaceWebhookSecret: (view) => ({
		port: 'people',
		verb: 'replaceWebhookSecret',
		input: { channelId: view.channelId, secret: `secret ${view.random.int(9)}`, secretKey }
	}),
	endWebhook: (view) => ({ port: 'people', verb: 'endWebhook', input: { channelId: view.channelId } })
};
