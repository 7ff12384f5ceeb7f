import { expect, it } from 'vitest';
import { z } from 'zod';
import { restSettings } from '#src/engine/connectors/rest/settings.ts';

it('the published JSON Schema is that of the settings', async () => {
	const schema = {
		title: 'Description of a JSON API for the rest connector',
		...z.toJSONSchema(restSettings, { io: 'input', reused: 'ref' })
	};
	await expect(`${JSON.stringify(schema, null, '\t')}\n`).toMatchFileSnapshot('../../docs/rest-connector.schema.json');
});
