import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import type { Value } from '#src/sync/fields.ts';
import { decimal, type TrytonClient } from './client.ts';
import { whyNoTryton } from './install.mjs';
import { removeWarehouse, warehouseColumns } from './row-rigs.ts';
import { startTryton, type TrytonServer } from './server.ts';
import { addProduct, createTrytonWorld, type TrytonChannel, type TrytonStory } from './world.ts';

const reason = whyNoTryton();

/** An entity whose records are one row of Tryton each, by a field of ours and the column that holds it there. */
type Kind = {
	entity: string;
	model: string;
	field: string;
	column: string;
	/** Three values of the field. */
	values: readonly [string, string, string];
	/** The code that ours gets. */
	code: string;
	/** Adds one there with the first value. */
	add(erp: TrytonChannel): Promise<string>;
	/** Where more than its row must go. */
	remove?(erp: TrytonChannel, id: number): Promise<void>;
};

const named = (client: TrytonClient, model: string, more: object = {}) =>
	client.create(model, { name: 'Tents', ...more }).then(String);

const kinds: readonly Kind[] = [
	{
		entity: 'business-partner',
		model: 'party.party',
		field: 'name',
		column: 'name',
		values: ['Tents', 'Zelte', 'Tentes'],
		code: 'CLUB',
		add: ({ client }) => named(client, 'party.party', { code: 'CLUB' })
	},
	{
		entity: 'product-parent',
		model: 'product.template',
		field: 'name',
		column: 'name',
		values: ['Tents', 'Zelte', 'Tentes'],
		code: 'TENT-',
		async add({ client }) {
			const unit = await client.one('product.uom', [['symbol', '=', 'u']], ['id']);
			const products = [['create', ['RED', 'BLUE'].map((suffix_code) => ({ suffix_code }))]];
			const more = { code: 'TENT-', type: 'goods', default_uom: unit['id'], list_price: decimal('10'), products };
			return named(client, 'product.template', more);
		}
	},
	{
		entity: 'product-category',
		model: 'product.category',
		field: 'name',
		column: 'name',
		values: ['Tents', 'Zelte', 'Tentes'],
		code: 'Tents',
		add: ({ client }) => named(client, 'product.category')
	},
	{
		entity: 'warehouse',
		model: 'stock.location',
		field: 'name',
		column: 'name',
		values: ['Tents', 'Zelte', 'Tentes'],
		code: 'NORTH',
		add: async ({ client }) => named(client, 'stock.location', { code: 'NORTH', ...(await warehouseColumns(client)) }),
		remove: ({ client }, id) => removeWarehouse(client, id)
	},
	{
		entity: 'price-list',
		model: 'product.price_list',
		field: 'name',
		column: 'name',
		values: ['Tents', 'Zelte', 'Tentes'],
		code: 'Tents',
		add: ({ client }) => named(client, 'product.price_list')
	},
	{
		entity: 'product-price',
		model: 'product.price_list.line',
		field: 'price',
		column: 'formula',
		values: ['12.5', '13.25', '11'],
		code: 'PRICED-1 @ RETAIL-1',
		async add(erp) {
			const { product, list } = await shelf(erp);
			const line = { price_list: Number(list.theirs), product: Number(product.theirs.split('/')[1]), formula: '12.5' };
			return String(await erp.client.create('product.price_list.line', line));
		}
	}
];

let shelves = 0;

/** A product and a price list, on both sides and linked. */
async function shelf(erp: TrytonChannel) {
	shelves += 1;
	const fields = { value: `PRICED-${shelves}`, name: 'Tent', price: '20' };
	const { id, variantId } = await addProduct(erp.client, fields);
	const product = { ours: await erp.tell('product').addInternal(fields), theirs: `${id}/${variantId}` };
	await erp.tell('product').link(product.ours, id, variantId);
	const list = {
		ours: await erp.tell('price-list').addInternal({ value: `RETAIL-${shelves}`, name: 'Retail', currency: 'EUR' }),
		theirs: await named(erp.client, 'product.price_list')
	};
	await erp.tell('price-list').link(list.ours, list.theirs);
	return { product, list };
}

describe.skipIf(reason)(`every entity with a real Tryton${reason ? ` (not run: ${reason})` : ''}`, () => {
	let server: TrytonServer;
	let world: Awaited<ReturnType<typeof createTrytonWorld>>;

	beforeAll(async () => {
		server = await startTryton();
		world = await createTrytonWorld(server);
	});
	afterAll(async () => {
		await world?.close();
		await server?.stop();
	});

	/** Further runs write nothing, by Tryton's own account, and leave the links as they are. */
	async function expectQuiet(erp: TrytonStory) {
		const dates = await erp.writeDates();
		await erp.run();
		const links = await erp.links();
		await erp.run('full');
		expect({ dates: await erp.writeDates(), links: await erp.links() }).toEqual({ dates, links });
	}

	it.each(kinds)(
		'$entity: taken over, sent, received, settled, and left alone; a deleted one leaves an orphan',
		async ({ entity, model, field, column, values: [first, second, third], code, add, remove }) => {
			const entities = ['product', 'price-list', entity].filter((name, at, all) => all.indexOf(name) === at);
			const set = { entities, autoCreateInternal: true, policy: { conflict: 'external-wins' } } as const;
			const erp: TrytonChannel = await world.addChannel(set, entity);
			await erp.run();
			const externalId = await add(erp);
			await erp.run();
			const link = (await erp.links()).find((each) => each.externalId === externalId);
			const internalId = link?.internalId ?? '';
			const ours = async () => (await erp.internal(internalId))?.[field];
			const theirs = async () => {
				const row = await erp.client.one(model, [['id', '=', Number(externalId)]], [column]);
				return plain(row[column] as Value);
			};
			expect(link).toMatchObject({ status: 'in-sync' });
			expect(await erp.internal(internalId)).toMatchObject({ value: code });
			expect(plain((await ours()) ?? null)).toBe(first);

			await erp.editInternal(internalId, { [field]: second });
			await erp.runUntil(async () => (await theirs()) === second);
			await erp.client.write(model, Number(externalId), { [column]: third });
			await erp.run();
			expect(plain((await ours()) ?? null)).toBe(third);

			await erp.editInternal(internalId, { [field]: first });
			await erp.client.write(model, Number(externalId), { [column]: second });
			await erp.run();
			expect(plain((await ours()) ?? null)).toBe(second);
			expect((await erp.journal()).flatMap(({ changes }) => changes)).toContainEqual(
				expect.objectContaining({ field, lost: expect.stringContaining(first) as string })
			);
			await expectQuiet(erp);

			await (remove ? remove(erp, Number(externalId)) : erp.client.remove(model, Number(externalId)));
			await erp.run('full');
			expect(await erp.linkState(link?.id ?? '')).toMatchObject({ status: 'orphan' });
			expect(plain((await ours()) ?? null)).toBe(second);
		}
	);

	it('a category and what is above it: whichever is linked last, the other waits for it; a new place is sent', async () => {
		const erp = await world.addChannel(
			{ entities: ['product-category'], autoCreateInternal: true },
			'product-category'
		);
		await erp.run();
		const outdoor = await erp.client.create('product.category', { name: 'Outdoor' });
		const tents = await erp.client.create('product.category', { name: 'Tents', parent: outdoor });
		await erp.run();
		await erp.run();
		const idOf = async (theirs: number) =>
			(await erp.links()).find(({ externalId }) => externalId === String(theirs))?.internalId ?? '';
		expect(await erp.internal(await idOf(tents))).toMatchObject({
			value: 'Outdoor / Tents',
			parent: await idOf(outdoor)
		});
		await erp.editInternal(await idOf(tents), { parent: null });
		await erp.client.write('product.category', outdoor, { parent: null });
		const above = async () => (await erp.client.one('product.category', [['id', '=', tents]], ['parent']))['parent'];
		await erp.runUntil(async () => (await above()) === null);
		await expectQuiet(erp);
	});

	it('a product follows its category once that is linked, both ways; one in two categories is left as it is', async () => {
		const erp: TrytonChannel = await world.addChannel({
			entities: ['product', 'product-category'],
			autoCreateExternal: true
		});
		const fields = { value: 'TENT', name: 'Tent', price: '20' };
		const { id, variantId } = await addProduct(erp.client, fields);
		const internalId = await erp.addInternal({ ...fields, description: null });
		const linkId = await erp.link(internalId, id, variantId);
		await erp.run('full');
		const categories = await erp.client.call<number[]>('product.category.create', [{ name: 'One' }, { name: 'Two' }]);
		const story = erp.tell('product-category');
		const ours = await Promise.all(['ONE', 'TWO'].map((value) => story.addInternal({ value, name: value })));
		await erp.client.write('product.template', Number(id), { categories: [['add', [categories[0]]]] });
		await erp.run();
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'awaiting' });
		for (const [at, own] of ours.entries()) await story.link(own, String(categories[at]));
		await erp.run();
		expect(await erp.internal(internalId)).toMatchObject({ category: ours[0] });

		const theirs = async () =>
			(await erp.client.one('product.template', [['id', '=', Number(id)]], ['categories']))['categories'];
		await erp.editInternal(internalId, { category: ours[1]! });
		await erp.runUntil(async () => JSON.stringify(await theirs()) === JSON.stringify([categories[1]]));
		await expectQuiet(erp);
		await erp.client.write('product.template', Number(id), { categories: [['add', [categories[0]]]] });
		await erp.editInternal(internalId, { category: null });
		await erp.run();
		await erp.run('full');
		expect(await theirs()).toHaveLength(2);
	});

	it('a price of ours is created there with the ids of Tryton, once, also where the answer was lost', async () => {
		const entities = ['product', 'price-list', 'product-price'];
		const erp: TrytonChannel = await world.addChannel({ entities, autoCreateExternal: true }, 'product-price');
		await erp.run();
		const { product, list } = await shelf(erp);
		const internalId = await erp.addInternal({ product: product.ours, price_list: list.ours, price: '17.90' });
		world.hooks.after = async ({ method }) => {
			if (method !== 'model.product.price_list.line.create') return;
			world.hooks.after = undefined;
			throw new ConnectorError('unreachable', { hint: 'The connection was lost.' });
		};
		await erp.run();
		expect(world.hooks.after, 'the answer was lost').toBeUndefined();
		await erp.passTime();
		await erp.run();
		const lines = await erp.client.all('product.price_list.line', ['formula', 'product', 'price_list']);
		expect(lines).toMatchObject([
			{
				formula: expect.stringMatching(/^17\.9 # channel-mapping:/) as string,
				product: Number(product.theirs.split('/')[1]),
				price_list: Number(list.theirs)
			}
		]);
		expect(await erp.links()).toMatchObject([{ internalId, status: 'in-sync' }]);
		await expectQuiet(erp);
	});
});

/** A value as text, without the digits and the comment that only one side has. */
function plain(value: Value): string {
	const text = String(value).replace(/ #.*$/, '');
	return /^\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text;
}
