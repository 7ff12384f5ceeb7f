import { expect, it } from 'vitest';
import type { Resource, Session } from '../connectors/connector.ts';
import { ConnectorError } from '../connectors/error.ts';
import { testChannel } from './test-channel.ts';

const listing = (list: Resource['list']) => ({ fields: [], list }) as unknown as Resource;
const lacking = new ConnectorError('misconfigured', { hint: 'Activate the module stock there.' });

const session: Session = {
	resource: (entity) =>
		({
			product: listing(async () => ({ records: [], next: null })),
			warehouse: listing(() => Promise.reject(lacking))
		})[entity],
	probe: async () => undefined,
	close: async () => undefined
};

const stagesWith = async (entities: readonly string[]) => {
	const carried = entities.map((entity) => ({ entity }));
	const channel = { id: '1', name: 'ERP', connector: 'tryton', settings: {}, entities: carried };
	const engine = { openSession: async () => session };
	return testChannel(
		{ engine, connectors: [] },
		channel as unknown as Parameters<typeof testChannel>[1],
		new AbortController().signal
	);
};

it('a kind of record that the system lacks is a warning, until a person chose it', async () => {
	const before = await stagesWith([]);
	expect(before).toMatchObject({ passed: true, failure: null });
	expect(before.stages.find(({ entity }) => entity === 'warehouse')).toMatchObject({
		state: 'warn',
		hint: 'Activate the module stock there.'
	});
	expect(await stagesWith(['product', 'warehouse'])).toMatchObject({ passed: false, failure: lacking });
	expect(await stagesWith(['product'])).toMatchObject({ passed: true });
});
