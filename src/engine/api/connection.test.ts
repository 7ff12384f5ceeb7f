import { expect, test } from 'vitest';
import { shopSettings } from '#src/demo/channels.ts';
import type { Connector } from '../connectors/connector.ts';
import { rest } from '../connectors/rest/index.ts';
import type { RestSettingsInput } from '../connectors/rest/settings.ts';
import type { Transport } from '../connectors/transport.ts';
import { tryton } from '../connectors/tryton/index.ts';
import { vendure } from '../connectors/vendure/index.ts';
import { connectionOf } from './connection.ts';

const clock = {
	nowMs: () => 0,
	monotonicMs: () => 0,
	sleep: () => Promise.resolve()
};

const noCalls: Transport = () => Promise.reject(new Error('nothing may be asked'));

/** What the page of such a channel is told. */
async function connectionTo(connector: Connector, settings: Record<string, unknown>, transport = noCalls) {
	const engine = { openSession: async () => connector.open({ settings, credentials: {}, transport }) };
	const channel = { id: '1', connector: connector.name, settings };
	return connectionOf({ engine, connectors: [connector], clock }, channel);
}

const demoShop = shopSettings('https://shop.example.com/api');
const shop: RestSettingsInput = {
	...demoShop,
	entities: Object.fromEntries(Object.entries(demoShop.entities).filter(([name]) => name === 'product')),
	auth: { kind: 'api-key', name: 'X-Key' }
};

test('settings are told in the words of the form, without the long description', async () => {
	const { connector, facts } = await connectionTo(rest, shop);
	expect(connector).toEqual({ name: 'rest', label: 'REST' });
	expect(facts).toEqual([
		{ label: 'Address', value: 'https://shop.example.com/api' },
		{ label: 'How the key is sent', value: 'In a header of its own' },
		{ label: 'Header or user', value: 'X-Key' }
	]);
});

test('a channel without a precondition is told as such, one with a coarse stamp with how long a write waits', async () => {
	expect((await connectionTo(rest, shop)).resources).toMatchObject([
		{ entity: 'product', guard: 'none', settleMs: null, feed: { overlapMs: 2000 } }
	]);
	const settings = { url: 'https://erp.example.com', database: 'erp', user: 'sync' };
	const strict = await connectionTo(tryton, { ...settings, backend: 'postgresql' });
	expect(strict.resources[0]).toMatchObject({ guard: 'strict', settleMs: null });
	expect((await connectionTo(tryton, { ...settings, backend: 'sqlite' })).resources[0]).toMatchObject({
		guard: 'coarse',
		settleMs: 2000
	});
});

test('what a check disproved is told, and what is relied on shrinks with it', async () => {
	const sheet = { checkedAt: '2026-11-29T10:00:00Z', entities: { product: { changesComplete: false } } };
	expect(await connectionTo(rest, shop)).toMatchObject({ checkable: true, trust: null });
	expect(await connectionTo(rest, { ...shop, trust: sheet })).toMatchObject({
		checkable: true,
		trust: sheet,
		resources: [{ feed: null }]
	});
});

test('a server that must be asked and does not answer is told as what is known without it', async () => {
	const settings = { url: 'https://shop.example.com/admin-api' };
	const never = () => new Promise<never>(() => {});
	const found = await connectionTo(vendure, settings, never);
	expect(found).toMatchObject({ checkable: false, trust: null });
	expect(found.resources[0]).toMatchObject({ guard: 'none' });
});
