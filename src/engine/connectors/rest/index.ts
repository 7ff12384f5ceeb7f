import { defineConnector, type Session } from '../connector.ts';
import { ConnectorError } from '../error.ts';
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
			hint: 'The API key, bearer token or password, as the settings of this channel use it.'
		}
	],
	form: restForm,
	settings: restSettings,
	open({ settings, credentials, transport }): Session {
		const call = createCaller(settings, credentials['key'] ?? '', transport);
		const entities = new Map(Object.entries(settings.entities));
		return {
			resource(entity) {
				const found = entities.get(entity);
				return found && createResource(found, call, settings.baseUrl);
			},
			async probe(options) {
				const [first] = entities.values();
				if (!first) throw new ConnectorError('misconfigured', { hint: 'The settings of this channel name no entity.' });
				await createResource({ ...first, pageSize: 1 }, call, settings.baseUrl).list(null, options);
			},
			async close() {}
		};
	}
});
