import { z } from 'zod';
import { defineConnector, type Connector, type Session } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { MemoryChannel } from './create-memory-channel.ts';
import { createExchange } from './exchange.ts';
import { createResource } from './resource.ts';

/** Reaches fake channels of this process by the name in a channel's settings: `{ channel: 'erp' }`. Credential: `key`. */
export function memoryConnector(channels: Readonly<Record<string, MemoryChannel>>): Connector {
	return defineConnector({
		name: 'memory',
		label: 'Memory',
		credentials: [{ name: 'key', label: 'Key' }],
		settings: z.strictObject({ channel: z.string() }),
		open({ settings, credentials }): Session {
			const channel = Object.hasOwn(channels, settings.channel) ? channels[settings.channel] : undefined;
			if (!channel) {
				const hint = `There is no memory channel "${settings.channel}" in this process. Correct the settings of this channel.`;
				throw new ConnectorError('misconfigured', { hint });
			}
			const exchange = createExchange(channel, credentials['key'] ?? '');
			return {
				resource: (entity) =>
					Object.hasOwn(channel.inside.data.entities, entity) ? createResource(channel, entity, exchange) : undefined,
				probe: (options) => exchange({ method: 'probe', entity: '', ids: [], options }, () => undefined),
				nowMs: () => channel.options.clock.nowMs() + (channel.options.skewMs ?? 0),
				async close() {}
			};
		}
	});
}
