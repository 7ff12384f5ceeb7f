import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultEntities, type MemoryField } from '#src/engine/connectors/memory/options.ts';
import { listAwaiting } from '#src/mappings/list-awaiting.ts';
import { excludeRecord } from '#src/store/exclude-record.ts';
import { goLive } from '#src/store/go-live.ts';
import { resolveConflicts } from '#src/store/resolve-conflicts.ts';
import { saveChannelEntity } from '#src/store/save-channel-entity.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, storyOf } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

const person = { actor: { name: 'ann@example.org' }, via: 'web' as const };
const texts = ['value', 'name', 'business_partner', 'ordered_at', 'status', 'lines', 'currency'];
const amounts = ['shipping', 'discount', 'tax', 'total'];
const orderFields: readonly MemoryField[] = [
	...texts.map((name) => ({ name, type: 'text' as const })),
	...amounts.map((name) => ({ name, type: 'decimal' as const }))
];
const entities = {
	product: defaultEntities['product'] ?? [],
	'business-partner': defaultEntities['business-partner'] ?? [],
	'sales-order': orderFields
};

/** A shop that takes orders, with one linked product and one that is not, receiving orders from now on. */
async function shop() {
	number += 1;
	const name = `order-shop-${number}`;
	const products = await world.addChannel(name, { entities: Object.keys(entities) }, { entities });
	const { channelId, memory } = products;
	const orders = storyOf(database.db, world.engine, channelId, memory, 'sales-order');
	const at = { channelId, entity: 'sales-order', ...person };
	await database.db.execute(sql`
		update c_channel_entity set push_live = false, pull_live = false where c_channel_id = ${channelId}::bigint and entity = 'sales-order'`);
	const codes = [`TENT-${number}`, `PEGS-${number}`] as const;
	const [tent, pegs] = codes.map((value) => memory.add('product', { value, name: value, is_active: true }));
	const ours = await products.addInternal({ value: codes[0], name: codes[0] });
	await products.link(ours, tent ?? '');
	await products.run('full');
	const history = memory.add('sales-order', order({ value: 'OLD', ordered_at: '2020-01-01T00:00:00Z' }, tent ?? ''));
	await orders.run('full');
	for (const direction of ['push', 'pull'] as const) await goLive(database.db, { ...at, direction });
	const [row] = await database.db.execute<{ settingsRev: number }>(sql`
		select settings_rev as "settingsRev" from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = 'sales-order'`);
	await saveChannelEntity(database.db, { ...at, settingsRev: row?.settingsRev ?? 0, autoCreateInternal: true });
	return { channelId, memory, products, orders, codes, ours, tent: tent ?? '', pegs: pegs ?? '', history };
}

const line = (product: string | null, parts: Record<string, string> = {}) => ({
	product,
	quantity: '2',
	unit: 'piece',
	price: '45.50',
	...parts
});

/** An order of 2 tents at 45.50 with 9 for shipping, 5 off and 19 tax. */
function order(parts: Fields, product: string, lines: readonly object[] = [line(product)]): Fields {
	return {
		value: '1001',
		name: 'Anna Berg',
		ordered_at: '2999-01-01T10:00:00Z',
		status: 'open',
		lines: JSON.stringify(lines),
		currency: 'EUR',
		shipping: '9',
		discount: '5',
		tax: '19',
		total: '114.00',
		...parts
	};
}

type Shop = Awaited<ReturnType<typeof shop>>;

async function ourOrders({ orders }: Shop): Promise<Fields[]> {
	const links = await orders.links();
	return Promise.all(links.map(async ({ internalId }) => (await orders.internal(internalId)) ?? {}));
}

async function awaited({ channelId }: Shop) {
	return (await listAwaiting(database.db, { channelId })).rows;
}

const linesOf = (fields: Fields | undefined) => JSON.parse(String(fields?.['lines'])) as Record<string, Value>[];

async function resolve(
	{ orders, memory, channelId }: Shop,
	winner: 'internal' | 'external',
	fields: readonly string[]
) {
	const [link] = await orders.links();
	const [row] = await database.db.execute<{ rev: string }>(
		sql`select rev::text as rev from c_order where id = ${link?.internalId ?? '0'}::bigint`
	);
	expect(memory.record('sales-order', link?.externalId ?? '')).toBeDefined();
	const choices = Object.fromEntries(fields.map((field) => [field, winner]));
	const result = await resolveConflicts(database.db, {
		...person,
		entity: 'sales-order',
		linkId: link?.id ?? '',
		choices,
		internalRev: row?.rev ?? '',
		externalVersion: link?.externalVersion ?? ''
	});
	expect(result, channelId).toMatchObject({ ok: true });
}

describe('a sales order', () => {
	it('comes here whole, with its lines as rows; what was ordered before going live never does', async () => {
		const at = await shop();
		at.memory.add('sales-order', order({}, at.tent, [line(at.tent), line(null, { text: 'Gift wrap', price: '0' })]));
		await at.orders.run();
		expect(await ourOrders(at)).toMatchObject([{ value: '1001', name: 'Anna Berg', total: '114.000000' }]);
		const rows = await database.db.execute(sql`
			select l.line, l.m_product_id::text as product, l.description, l.quantity::text as quantity, l.unit from c_orderline l
			join c_channel_map_order m on m.c_order_id = l.c_order_id where m.c_channel_id = ${at.channelId}::bigint order by l.line`);
		expect([...rows]).toEqual([
			{ line: 1, product: at.ours, description: null, quantity: '2.000000', unit: 'piece' },
			{ line: 2, product: null, description: 'Gift wrap', quantity: '2.000000', unit: 'piece' }
		]);
		await at.orders.run('full');
		expect(await at.orders.links()).toMatchObject([{ status: 'in-sync' }]);
		expect(at.memory.writes()).toHaveLength(0);
		const outside = await database.db.execute(sql`
			select external_id from sync_outside_external where c_channel_id = ${at.channelId}::bigint and entity = 'sales-order'`);
		expect([...outside]).toEqual([{ external_id: at.history }]);
	});

	it('waits for each product that is not linked, and is completed by itself once they are', async () => {
		const at = await shop();
		const unknown = at.memory.add('product', { value: `ROPE-${number}`, name: 'Rope', is_active: true });
		const lines = [line(at.tent), line(at.pegs, { price: '0' }), line(unknown, { price: '0' })];
		at.memory.add('sales-order', order({}, at.tent, lines));
		await at.orders.run();
		expect(await ourOrders(at)).toEqual([]);
		expect((await awaited(at)).map(({ entity, id }) => [entity, id])).toEqual([
			['product', at.pegs],
			['product', unknown]
		]);
		for (const id of [at.pegs, unknown]) {
			const value = `${id}-${number}`;
			await at.products.link(await at.products.addInternal({ value, name: value }), id);
			await at.orders.run();
		}
		expect(await awaited(at)).toEqual([]);
		const [ours] = await ourOrders(at);
		expect(linesOf(ours).map(({ product }) => product === null)).toEqual([false, false, false]);
	});

	it('whose parts do not come to its total is held, saying both sums, until the channel puts it right', async () => {
		const at = await shop();
		const id = at.memory.add('sales-order', order({ total: '114.01' }, at.tent));
		await at.orders.run();
		expect(await ourOrders(at)).toEqual([]);
		expect(await awaited(at)).toMatchObject([{ entity: 'sales-order', isHeld: true, id }]);
		expect((await awaited(at))[0]?.message).toBe(
			"Lines 91.00 + shipping 9.00 - discount 5.00 + tax 19.00 come to 114.00, but the order's total is 114.01."
		);
		at.memory.edit('sales-order', id, { total: '114' });
		await at.orders.run();
		expect(await awaited(at)).toEqual([]);
		expect(await ourOrders(at)).toHaveLength(1);
	});

	it('that is held leaves the inbox when a person sets it aside', async () => {
		const at = await shop();
		const externalId = at.memory.add('sales-order', order({ total: '1' }, at.tent));
		await at.orders.run();
		const record = { channelId: at.channelId, entity: 'sales-order', externalId, variantId: '' };
		await excludeRecord(database.db, { ...person, ...record, reason: 'a test order' });
		expect(await awaited(at)).toEqual([]);
	});

	it('may have the number that an order of another shop has', async () => {
		const [one, other] = [await shop(), await shop()];
		for (const at of [one, other]) {
			at.memory.add('sales-order', order({}, at.tent));
			await at.orders.run();
		}
		expect(await ourOrders(other)).toMatchObject([{ value: '1001' }]);
	});

	it('that the channel changes later asks first; what is confirmed is taken, and asked about again when it changed since', async () => {
		const at = await shop();
		const id = at.memory.add('sales-order', order({}, at.tent));
		await at.orders.run();
		const cancelled = {
			status: 'cancelled',
			lines: JSON.stringify([line(at.tent, { quantity: '1' })]),
			total: '68.50'
		};
		at.memory.edit('sales-order', id, cancelled);
		await at.orders.run();
		expect(await ourOrders(at)).toMatchObject([{ status: 'open', total: '114.000000' }]);
		const asked = (await at.orders.conflicts()).filter(({ state }) => state === 'open');
		expect(asked.map(({ field, rule }) => [field, rule]).toSorted()).toEqual(
			['lines', 'status', 'total'].map((field) => [field, 'ask: confirm'])
		);
		await resolve(at, 'external', ['status', 'lines', 'total']);
		at.memory.edit('sales-order', id, { total: '70' });
		await at.orders.run();
		const [ours] = await ourOrders(at);
		expect(ours).toMatchObject({ status: 'cancelled', total: '114.000000' });
		expect(linesOf(ours)).toMatchObject([{ quantity: '1' }]);
		await resolve(at, 'external', ['total']);
		await at.orders.run();
		expect(await ourOrders(at)).toMatchObject([{ total: '70.000000' }]);
		expect(await at.orders.links()).toMatchObject([{ status: 'in-sync' }]);
		expect(at.memory.writes()).toHaveLength(0);
	});

	it('keeps what it has where a person says so; the channel is not told, and its next change asks again', async () => {
		const at = await shop();
		const id = at.memory.add('sales-order', order({}, at.tent));
		await at.orders.run();
		at.memory.edit('sales-order', id, { total: '200' });
		await at.orders.run();
		await resolve(at, 'internal', ['total']);
		await at.orders.run('full');
		expect(await ourOrders(at)).toMatchObject([{ total: '114.000000' }]);
		expect(await at.orders.links()).toMatchObject([{ status: 'in-sync' }]);
		expect(at.memory.writes()).toHaveLength(0);
		at.memory.edit('sales-order', id, { total: '201' });
		await at.orders.run();
		expect(await at.orders.links()).toMatchObject([{ status: 'conflict' }]);
	});

	it('sends its status back, and nothing else; a second run writes nothing', async () => {
		const at = await shop();
		const id = at.memory.add('sales-order', order({}, at.tent));
		await at.orders.run();
		const [link] = await at.orders.links();
		await at.orders.editInternal(link?.internalId ?? '', { status: 'shipped', name: 'Anna Berg-Lund' });
		await database.db.execute(
			sql`update c_orderline set quantity = 3 where c_order_id = ${link?.internalId ?? '0'}::bigint`
		);
		await at.orders.run();
		expect(at.memory.writes().map(({ fields }) => fields)).toEqual([{ status: 'shipped' }]);
		await at.orders.run('full');
		expect(at.memory.writes()).toHaveLength(1);
		expect(at.memory.record('sales-order', id)?.fields).toMatchObject({ status: 'shipped', name: 'Anna Berg' });
		expect(await ourOrders(at)).toMatchObject([{ status: 'shipped', name: 'Anna Berg-Lund' }]);
		expect(await at.orders.links()).toMatchObject([{ status: 'in-sync' }]);
	});

	it('says what was ordered, whatever its product is linked to later', async () => {
		const at = await shop();
		at.memory.add('sales-order', order({}, at.tent));
		await at.orders.run();
		await database.db.execute(
			sql`delete from c_channel_map_product where c_channel_id = ${at.channelId}::bigint and external_product_id = ${at.tent}`
		);
		await database.db.execute(
			sql`update c_channel_map_order set dirty_seq = dirty_seq + 1 where c_channel_id = ${at.channelId}::bigint`
		);
		await at.orders.run('full');
		expect(await at.orders.links()).toMatchObject([{ status: 'in-sync' }]);
		expect(linesOf((await ourOrders(at))[0])).toMatchObject([{ product: at.ours }]);
	});

	it('of ours is never created at a channel, nor suggested for one with its number', async () => {
		const at = await shop();
		await at.orders.addInternal({ value: 'OLD', name: 'ours' });
		const [row] = await database.db.execute<{ settingsRev: number }>(sql`
			select settings_rev as "settingsRev" from c_channel_entity where c_channel_id = ${at.channelId}::bigint and entity = 'sales-order'`);
		const input = { ...person, channelId: at.channelId, entity: 'sales-order', settingsRev: row?.settingsRev ?? 0 };
		expect(await saveChannelEntity(database.db, { ...input, autoCreateExternal: true })).toMatchObject({
			ok: false,
			field: 'autoCreateExternal'
		});
		await database.db.execute(sql`
			update c_channel_entity set auto_create_external = true where c_channel_id = ${at.channelId}::bigint and entity = 'sales-order'`);
		await at.orders.run('full');
		expect(at.memory.writes()).toHaveLength(0);
		expect(await at.orders.suggestions()).toEqual([]);
	});
});
