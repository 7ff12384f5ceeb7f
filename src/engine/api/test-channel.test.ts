import { expect, it } from 'vitest';
import { entities } from '#src/entities/registry.ts';
import type { Resource, Session } from '../connectors/connector.ts';
import { ConnectorError } from '../connectors/error.ts';
import { testChannel } from './test-channel.ts';

const listing = (list: Resource['list'], ...names: string[]) =>
	({ fields: names.map((name) => ({ name, label: name })), list }) as unknown as Resource;
const lacking = new ConnectorError('misconfigured', { hint: 'Activate the module stock there.' });

const session: Session = {
	resource: (entity) =>
		({
			product: listing(async () => ({ records: [], next: null })),
			warehouse: listing(() => Promise.reject(lacking)),
			'price-list': listing(async () => ({ records: [], next: null }), 'name', 'titel')
		})[entity],
	probe: async () => undefined,
	close: async () => undefined
};

const stagesWith = async (names: readonly string[]) => {
	const carried = names.map((entity) => ({ entity }));
	const channel = { id: '1', name: 'ERP', connector: 'tryton', settings: {}, entities: carried };
	const engine = { openSession: async () => session };
	return testChannel(
		{ engine, connectors: [], entities },
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

it('a field that nothing here is called is told, though all of them can be read', async () => {
	const { passed, stages } = await stagesWith(['price-list']);
	expect(passed).toBe(true);
	expect(stages.at(-1)).toMatchObject({
		state: 'warn',
		message:
			'Price lists can be read; there are none yet. Nothing is done with "titel": our price lists have no such field.',
		hint: 'Correct the name in the description of the API, or add the field under Settings, Fields.'
	});
});
