import { defineConnector, type Session } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { hmacWebhooks } from '../webhook.ts';
import { createCaller } from './call.ts';
import { restForm } from './form.ts';
import { createResource } from './resource.ts';
import { restSettings } from './settings.ts';

/** Any JSON-over-HTTP API, by configuration alone. */
export const rest = defineConnector({
	name: 'rest',
	label: 'REST',
	credentials: [
		{
			name: 'key',
			label: 'Key',
			hint: 'The API key, token, password or client secret, as the settings of this channel use it.'
		}
	],
	form: restForm,
	settings: restSettings,
	open({ settings, credentials, transport, nowMs, kept }): Session {
		const call = createCaller({ settings, key: credentials['key'] ?? '', transport, nowMs, kept });
		const entities = new Map(Object.entries(settings.entities));
		const sheets = new Map(Object.entries(settings.trust?.entities ?? {}));
		return {
			resource(entity) {
				const found = entities.get(entity);
				return found && createResource(found, call, settings, sheets.get(entity));
			},
			async probe(options) {
				const [first] = entities.values();
				if (!first) throw new ConnectorError('misconfigured', { hint: 'The settings of this channel name no entity.' });
				await createResource({ ...first, pageSize: 1 }, call, settings).list(null, options);
			},
			close: () => call.close()
		};
	},
	webhook: ({ webhook }) => (webhook ? hmacWebhooks(webhook) : null),
	trustSheet: ({ trust }) => trust ?? null
});
