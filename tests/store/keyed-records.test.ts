import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Fields } from '#src/sync/fields.ts';
import { openRig, type Rig } from './equality/sequence.ts';
import type { Step } from './equality/step.ts';

let rig: Rig;
beforeAll(async () => {
	rig = await openRig(inject('templateUrl'));
});
afterAll(() => rig.close());

const insert = (entity: string, fields: Fields): Step => ({ port: 'plain', verb: 'insert', entity, fields });
const update = (entity: string, id: string, fields: Fields): Step => ({
	port: 'plain',
	verb: 'update',
	entity,
	id,
	fields
});
const link = (entity: string, internalId: string, externalId: string): Step => ({
	port: 'people',
	verb: 'linkRecords',
	input: { channelId: '1', entity, internalId, externalId, variantId: '' }
});
const seen = (entity: string, externalId: string, fields: Fields, matchKeys: string[]): Step => {
	const tags = { version: 'v1', stamp: '2026-05-31T23:00:00Z', reference: null, url: null };
	const records = [{ externalId, variantId: '', fields, ...tags, matchKeys }];
	const input = { channelId: '1', entity, records, complete: false, cursor: null, run: null };
	return { port: 'store', verb: 'recordPage', input };
};
const candidates = (entity: string): Step => ({
	port: 'store',
	verb: 'readCandidates',
	input: { channelId: '1', entity, limit: 50 }
});
const drain = (entity: string): Step => ({ port: 'store', verb: 'drainOutbox', input: { entity, limit: 100 } });
const named = (value: string) => ({ value, name: `Name of ${value}` });
const waitsFor = (ownerId: string, refId: string) => ({
	owner: 'external',
	ownerId,
	variantId: '',
	field: 'price_list',
	toEntity: 'price-list',
	side: 'external',
	refId,
	matching: true,
	problem: { kind: 'awaiting', message: 'm', hint: 'h' }
});

const opening: readonly Step[] = [
	{
		port: 'people',
		verb: 'createChannel',
		input: {
			name: 'Shop',
			connector: 'memory',
			settings: {},
			credentials: {},
			entities: ['product', 'warehouse', 'price-list', 'product-price', 'stock-level'],
			secretKey: 'a secret key for tests, 32 characters'
		}
	},
	...['P-1', 'P-2'].map((code) => insert('product', named(code))),
	...['L-1', 'L-2'].map((code) => insert('price-list', { ...named(code), currency: 'EUR' })),
	insert('warehouse', named('W-1')),
	insert('product-price', { product: '1', price_list: '1', price: '5' }),
	insert('product-price', { product: '2', price_list: '1', price: '6.5' }),
	insert('stock-level', { product: '1', warehouse: '1', on_hand: '10', reserved: '2.5', unit: 'piece' })
];

test('codes, names and numbers that follow from others are the same in memory and on PostgreSQL', async () => {
	const steps: Step[] = [
		...opening,
		insert('product-price', { product: '1', price_list: '1', price: '7' }),
		insert('product-price', { product: '1', price_list: '2', value: 'mine', name: 'mine' }),
		insert('product-price', { product: '99', price_list: '1' }),
		insert('product-price', { price_list: '1' }),
		insert('stock-level', { product: '2', warehouse: '1' }),
		update('product', '1', { value: 'P-1b', name: 'Another name' }),
		update('price-list', '1', { value: 'L-1b', name: 'No matter' }),
		update('product-price', '1', { price: '8' }),
		update('product-price', '2', { product: '1', price_list: '1' }),
		update('product-price', '2', { product: '1', price_list: '99' }),
		update('stock-level', '1', { reserved: '3', buffer: '20' }),
		update('stock-level', '1', { unit: 'box' }),
		{
			port: 'people',
			verb: 'createRecord',
			input: { entity: 'product-price', fields: { product: '1', price_list: '1', price: '1' } }
		},
		{
			port: 'people',
			verb: 'saveRecord',
			input: { entity: 'stock-level', id: '1', rev: '3', fields: { on_hand: '40.25', available: '1' } }
		}
	];
	expect(await rig.replay(steps)).toBeNull();
});

test('records that are known by what they point to are found by it in memory and on PostgreSQL', async () => {
	const sets: { internals: unknown[]; externals: unknown[] }[] = [];
	const price = (product: string, list: string) => ({ product, price_list: list, price: '5' });
	const steps: Step[] = [
		...opening,
		seen('product', 'E1', named('P-1'), ['value=p1']),
		seen('product', 'E2', named('P-2'), ['value=p2']),
		seen('price-list', 'F1', named('L-1'), ['value=l1']),
		seen('product-price', 'X1', price('E1', 'F1'), ['key=["E1","F1"]']),
		seen('product-price', 'X2', price('E2', 'F1'), ['key=["E2","F1"]']),
		link('product', '1', 'E1'),
		{ port: 'store', verb: 'drainOutbox', input: { entity: 'product-price', limit: 1 } },
		candidates('product-price'),
		link('price-list', '1', 'F1'),
		candidates('product-price'),
		{
			port: 'store',
			verb: 'queueRun',
			input: { channelId: '1', entity: 'product-price', mode: 'full', startedBy: 'schedule', linkIds: null }
		},
		{ port: 'store', verb: 'beginRun', input: { runId: '1' } },
		{
			port: 'store',
			verb: 'saveMatches',
			input: {
				channelId: '1',
				entity: 'product-price',
				run: { runId: '1', attempt: 1 },
				settingsRev: 1,
				internalIds: ['1'],
				externalKeys: [{ id: 'X1', variant: '' }],
				suggestions: [],
				consumed: [
					{ side: 'external', recordId: 'X1', variantId: '' },
					{ side: 'external', recordId: 'X2', variantId: '' },
					{ side: 'internal', recordId: '1', variantId: '' }
				],
				awaiting: [waitsFor('X2', 'F9')]
			}
		},
		drain('product-price'),
		link('product', '2', 'E2'),
		candidates('product-price')
	];
	const difference = await rig.replay(steps, (step, result) => {
		if (step.verb === 'readCandidates') sets.push(result as (typeof sets)[number]);
	});
	expect(difference).toBeNull();
	const sizes = sets.map(({ internals, externals }) => [internals.length, externals.length]);
	expect(sizes).toEqual([
		[1, 2],
		[1, 2],
		[1, 1]
	]);
});
