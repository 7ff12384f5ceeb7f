import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine } from '#src/engine/create-engine.ts';
import { rest } from '#src/engine/connectors/rest/index.ts';
import type { RestSettingsInput } from '#src/engine/connectors/rest/settings.ts';
import type { Transport } from '#src/engine/connectors/transport.ts';
import { goLive } from '#src/store/go-live.ts';
import { saveChannelEntity } from '#src/store/save-channel-entity.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, insertChannel, storyOf } from './world.ts';

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const field = (name: string, at: string) => ({ name, at, label: name, as: 'text' as const });
const money = (name: string, at: string) => ({ name, at, label: name, as: 'minor-units' as const });

/** A service with orders of its own words: cents, seconds since 1970, positions that name articles. */
const settings: RestSettingsInput = {
	baseUrl: 'http://orders.test',
	auth: { kind: 'none' },
	entities: {
		'sales-order': {
			requests: {
				list: { path: '/orders' },
				get: { path: '/orders/{id}' },
				update: { method: 'PATCH', path: '/orders/{id}', body: '{fields}' }
			},
			paging: { kind: 'none' },
			items: '',
			fields: [
				field('value', 'no'),
				field('name', '/buyer/name'),
				{ name: 'ordered_at', at: 'placed', label: 'Placed', as: 'moment', format: 'epoch-seconds' },
				{ ...field('status', 'state'), as: 'enum', values: { open: 'NEW', shipped: 'SENT', cancelled: 'VOID' } },
				{
					name: 'lines',
					at: 'positions',
					label: 'Positions',
					as: 'lines',
					minorUnits: 2,
					product: '/article/id',
					text: 'title',
					quantity: 'pieces',
					price: 'each',
					tax: 'vat'
				},
				money('shipping', 'postage'),
				money('discount', 'rebate'),
				money('total', 'sum'),
				field('currency', 'currency')
			]
		}
	}
};

const position = { article: { id: 'A-7' }, title: 'Tent', pieces: 2, each: 4550, vat: 1729 };
const order = (more: object = {}) => ({
	no: '1001',
	buyer: { name: 'Anna Berg' },
	placed: 32_472_144_000,
	state: 'NEW',
	positions: [position, { title: 'Gift wrap', pieces: 1, each: 0 }],
	postage: 900,
	rebate: 500,
	sum: 11_229,
	currency: 'EUR',
	...more
});

it('orders of a service that nothing was written for come here by its file alone, and their status goes back', async () => {
	const orders = new Map<string, object>([
		['O-1', { id: 'O-1', ...order() }],
		['O-2', { id: 'O-2', ...order({ no: '1000', placed: 1_600_000_000 }) }],
		['O-3', { id: 'O-3', ...order({ no: '1002', sum: 11_230 }) }]
	]);
	const writes: unknown[] = [];
	const transport: Transport = async ({ url, method, body }) => {
		const id = /\/orders\/(.+)$/.exec(url)?.[1];
		if (method === 'PATCH' && id) {
			writes.push(JSON.parse(String(body)));
			orders.set(id, { ...orders.get(id), ...(JSON.parse(String(body)) as object) });
		}
		const answer = id === undefined ? [...orders.values()] : orders.get(id);
		return { status: answer ? 200 : 404, headers: {}, text: JSON.stringify(answer ?? {}) };
	};
	const world = await createWorld(database.db);
	const engine = createEngine({ ...world.ports, connectors: [rest], transport, unseal: () => '' });
	const entities = ['product', 'sales-order'];
	const channelId = await insertChannel(database.db, 'Orders', 'rest', settings, { live: false, entities });
	const story = storyOf(database.db, engine, channelId, null, 'sales-order');
	const at = { channelId, entity: 'sales-order', actor: { name: 'ann@example.org' }, via: 'web' as const };
	for (const direction of ['push', 'pull'] as const) await goLive(database.db, { ...at, direction });
	expect(await saveChannelEntity(database.db, { ...at, settingsRev: 3, autoCreateInternal: true })).toMatchObject({
		ok: true
	});

	// The article is unknown, and one of the orders does not add up.
	expect(await story.run('full')).toMatchObject({ state: 'succeeded' });
	const waiting = async () => {
		const rows = await database.db.execute<{ owner: string; to: string; id: string }>(sql`
			select owner_id as owner, to_entity as "to", ref_id as id from sync_awaiting where c_channel_id = ${channelId}::bigint order by owner_id, to_entity`);
		return rows.map(({ owner, to, id }) => `${owner} waits for ${to} ${id}`);
	};
	expect(await waiting()).toEqual([
		'O-1 waits for product A-7',
		'O-3 waits for held:sales-order O-3',
		'O-3 waits for product A-7'
	]);

	const products = storyOf(database.db, engine, channelId, null, 'product');
	const tent = await products.addInternal({ value: 'TENT', name: 'Tent' });
	await products.link(tent, 'A-7');
	await story.run();
	expect(await waiting()).toEqual(['O-3 waits for held:sales-order O-3']);
	const [link, ...others] = await story.links();
	expect(others).toEqual([]);
	expect(await story.internal(link?.internalId ?? '')).toMatchObject({
		value: '1001',
		name: 'Anna Berg',
		ordered_at: '2999-01-01T00:00:00.000000Z',
		status: 'open',
		total: '112.290000'
	});
	const rows = await database.db.execute<{ product: string | null; price: string }>(
		sql`select m_product_id::text as product, trim_scale(price)::text as price from c_orderline order by line`
	);
	expect([...rows]).toEqual([
		{ product: tent, price: '45.5' },
		{ product: null, price: '0' }
	]);

	await story.editInternal(link?.internalId ?? '', { status: 'shipped' });
	await story.run();
	expect(writes).toEqual([{ state: 'SENT' }]);
	await story.run('full');
	expect(writes).toHaveLength(1);
	expect(await story.links()).toMatchObject([{ status: 'in-sync' }]);
});
