import type { Config } from './config.ts';

const ownMachine = /^(localhost|127\.[\d.]+|\[::1\])$/;

/** Where a channel sends its webhooks to, and whether only programs on the engine's own machine reach that. */
export function webhookAddress(
	channelId: string,
	{ ENGINE_URL, WEBHOOK_ORIGIN }: Pick<Config, 'ENGINE_URL' | 'WEBHOOK_ORIGIN'>
): { url: string; local: boolean } {
	const url = new URL(`/v1/webhooks/${channelId}`, WEBHOOK_ORIGIN ?? ENGINE_URL);
	return { url: url.href, local: ownMachine.test(url.hostname) };
}
