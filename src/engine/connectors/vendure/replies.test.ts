import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type VendureClient } from '../../../../tests/vendure/client.ts';
import { productRig, updateProduct } from '../../../../tests/vendure/rig.ts';
import type { ExternalKey, Resource, Session } from '../connector.ts';
import { createTransport } from '../http.ts';
import { type FakeVendure, type FakeVendureOptions, startFakeVendure } from './fake.ts';
import { vendure } from './index.ts';

let fake: FakeVendure;
let client: VendureClient;
let session: Session;
let products: Resource;

function open(settings: object = {}, password = fake.password): Session {
	const transport = createTransport({ fetch, monotonicNow: () => 0, wallNow: () => 0 });
	const { url, user } = fake;
	return vendure.open({ settings: { url, ...settings }, credentials: { user, password }, transport });
}

async function start(options: FakeVendureOptions = {}) {
	await fake?.stop();
	fake = await startFakeVendure(options);
	client = await connect(fake);
	session = open();
	products = session.resource('product')!;
}

beforeEach(() => start());
afterEach(() => fake.stop());

async function seedOne(over = {}): Promise<ExternalKey> {
	const [key] = await productRig({ ...fake, client }).seed([{ value: 'A-1', name: 'Tent', price: '12.50', ...over }]);
	return key!;
}

const asked = (field: string) => fake.calls.filter((call) => call.field === field).length;
const answer =
	(message: string, code?: string, status = 200) =>
	() =>
		Response.json({ data: null, errors: [{ message, extensions: { code } }] }, { status });

describe('what Vendure answers becomes an error that says what to do', () => {
	it.each([
		['another channel', answer('No channel with the token "x"', 'CHANNEL_NOT_FOUND'), 'misconfigured'],
		['a call that it does not know', answer('Cannot query field', 'GRAPHQL_VALIDATION_FAILED', 400), 'misconfigured'],
		['a limit of the server', answer('Cannot take more than 50', 'USER_INPUT_ERROR'), 'misconfigured'],
		['a busy database', answer('deadlock detected', 'INTERNAL_SERVER_ERROR'), 'unreachable'],
		['an error without a code', answer('Something'), 'unreachable'],
		['another address', () => new Response('<h1>Not Found</h1>', { status: 404 }), 'misconfigured'],
		['a redirect to a sign-in page', () => new Response('', { status: 302 }), 'misconfigured'],
		['a call it cannot read', () => new Response('<h1>Bad Request</h1>', { status: 400 }), 'invalid-reply'],
		['a proxy without a server', () => new Response('<h1>Bad Gateway</h1>', { status: 502 }), 'unreachable']
	])('%s, when it is asked', async (_, reply, kind) => {
		fake.answerNext('productVariants', reply);
		const hint = expect.stringMatching(/^Vendure at 127/) as string;
		await expect(products.list(null)).rejects.toMatchObject({ kind, hint });
	});

	it.each([
		['a refused value', answer('The value does not match', 'USER_INPUT_ERROR'), 'rejected'],
		['a value of another type', answer('Variable "$input" got', 'BAD_USER_INPUT', 400), 'rejected'],
		[
			'a value that the database refuses',
			answer('value out of range for type integer', 'INTERNAL_SERVER_ERROR'),
			'rejected'
		],
		['a unique value', answer('duplicate key value violates unique constraint', 'INTERNAL_SERVER_ERROR'), 'duplicate'],
		['a record that is gone', answer('No ProductVariant with the id', 'ENTITY_NOT_FOUND'), 'missing'],
		['trouble of its own', answer('connection terminated', 'INTERNAL_SERVER_ERROR'), 'unreachable']
	])('%s, when it is written to', async (_, reply, kind) => {
		const key = await seedOne();
		fake.answerNext('updateProductVariants', reply);
		await expect(products.update!({ ...key, version: null, fields: { value: 'B' } })).rejects.toMatchObject({ kind });
		expect(asked('updateProductVariants')).toBe(1);
	});

	it('logs in again once where the session ended, and never sends a create twice', async () => {
		await products.list(null);
		fake.endSessions();
		await products.list(null);
		expect(asked('login')).toBe(3);
		fake.endSessions();
		const create = products.create!({ reference: 'r-1', fields: { value: 'X', name: 'Tent', price: '1' } });
		await create;
		fake.meddle('createProductVariants', async () => fake.endSessions());
		const again = products.create!({ reference: 'r-2', fields: { value: 'Y', name: 'Tent', price: '1' } });
		await expect(again).rejects.toMatchObject({ kind: 'unreachable' });
		expect(asked('createProductVariants')).toBe(2);
	});

	it('the end of one session leaves the others of the same user alive', async () => {
		const other = open();
		await other.probe();
		await products.list(null);
		await other.close();
		const before = asked('login');
		await products.list(null);
		expect(asked('login')).toBe(before);
	});

	it('does not try wrong credentials twice', async () => {
		const other = open({}, 'wrong').resource('product')!;
		const before = asked('login');
		await expect(other.list(null)).rejects.toMatchObject({ kind: 'unauthorized' });
		await expect(other.list(null)).rejects.toMatchObject({ kind: 'unauthorized' });
		expect(asked('login') - before).toBe(1);
	});
});

describe('settings that do not fit the server are named', () => {
	it.each([
		[{ language: 'fr' }, /language "fr".*en, de/],
		[{ currency: 'CHF' }, /prices in CHF.*EUR, USD/],
		[{ priceDecimals: 3 }, /Set the digits of prices to 2/],
		[{ gtinField: 'barcode' }, /custom field "barcode" on ProductVariant/]
	])('%o', async (settings, hint) => {
		const error = open(settings).probe();
		await expect(error).rejects.toMatchObject({ kind: 'misconfigured', hint: expect.stringMatching(hint) as string });
	});
});

describe('what the server can do is seen, not assumed', () => {
	it('without the plugin writes are unguarded; with it, they are guarded', async () => {
		expect(products.capabilities.precondition).toEqual({ kind: 'none' });
		await session.probe();
		expect(products.capabilities).toMatchObject({ precondition: { kind: 'none' }, reference: {} });
		await start({ plugin: true });
		expect(products.capabilities.precondition).toEqual({ kind: 'none' });
		await session.probe();
		expect(products.capabilities.precondition).toEqual({ kind: 'strict' });
	});

	it('without the custom field for references nothing is created', async () => {
		await start({ noReference: true });
		await session.probe();
		expect(products.capabilities.reference).toBeUndefined();
		const create = products.create!({ reference: 'r', fields: { value: 'X', name: 'Tent', price: '1' } });
		await expect(create).rejects.toMatchObject({ kind: 'misconfigured' });
		expect(asked('createProduct')).toBe(0);
	});

	it('what is no reference, or another one than was asked for, finds no record; what is no id is refused', async () => {
		let changed = (text: string) => text;
		const showing = (shown: string) => (text: string) => text.replaceAll('"r-1"', JSON.stringify(shown));
		const send = createTransport({ fetch, monotonicNow: () => 0, wallNow: () => 0 });
		const { url, user, password } = fake;
		const other = vendure.open({
			settings: { url },
			credentials: { user, password },
			async transport(request) {
				const reply = await send(request);
				return { ...reply, text: changed(reply.text) };
			}
		});
		const resource = other.resource('product')!;
		await resource.create!({ reference: 'r-1', fields: { value: 'X', name: 'Tent', price: '1' } });
		expect(await resource.findByReference!(['r-1'])).toHaveLength(1);
		// Some databases find a text whatever its case is.
		changed = showing('R-1');
		expect(await resource.findByReference!(['r-1'])).toEqual([]);
		for (const unfit of ['x'.repeat(501), 'half \udc00 a character', 'a\u0000b', '']) {
			changed = showing(unfit);
			expect((await resource.list(null)).records).toMatchObject([{ reference: null }]);
			changed = (text) => text.replaceAll(/"id":"\d+"/g, `"id":${JSON.stringify(unfit)}`);
			await expect(resource.list(null)).rejects.toMatchObject({ kind: 'invalid-reply' });
		}
	});

	it('in another currency than the default one nothing is created, and its prices are synced', async () => {
		const key = await seedOne();
		const dollars = open({ currency: 'USD' }).resource('product')!;
		expect((await dollars.read([key]))[0]?.fields).toMatchObject({ price: null });
		await dollars.update!({ ...key, version: null, fields: { price: '9.99' } });
		expect((await dollars.read([key]))[0]?.fields).toMatchObject({ price: '9.99' });
		expect((await products.read([key]))[0]?.fields).toMatchObject({ price: '12.50' });
		expect(dollars.capabilities.reference).toBeUndefined();
	});
});

describe('products', () => {
	it('one is never given away for lack of a price, nor sold at a rounded one', async () => {
		const create = products.create!({ reference: 'r', fields: { value: 'X', name: 'Tent' } });
		await expect(create).rejects.toMatchObject({ kind: 'rejected', reply: expect.stringMatching(/price/) as string });
		const key = await seedOne();
		for (const price of [null, '99999999999999999999']) {
			const update = products.update!({ ...key, version: null, fields: { price } });
			await expect(update).rejects.toMatchObject({ kind: 'rejected' });
		}
	});

	it('a product with one variant is renamed with it, where both had the same name', async () => {
		const key = await seedOne();
		const name = async () =>
			(
				await client.call<{ product: { translations: { name: string }[] } }>(
					'query ($id: ID!) { product(id: $id) { translations { name } } }',
					key
				)
			).product.translations[0]?.name;
		await products.update!({ ...key, version: null, fields: { name: 'Yurt' } });
		expect(await name()).toBe('Yurt');
		await updateProduct(client, { id: key.id, translations: [{ languageCode: 'en', name: 'All our yurts' }] });
		await products.read([key]);
		await products.update!({ ...key, version: null, fields: { name: 'Hut' } });
		expect(await name()).toBe('All our yurts');
	});

	it('a write of which only a part arrived is unknown, not refused', async () => {
		const key = await seedOne();
		fake.refuseNext('updateProduct', 'No.', 'USER_INPUT_ERROR');
		const update = products.update!({ ...key, version: null, fields: { price: '3', description: 'Good' } });
		await expect(update).rejects.toMatchObject({ kind: 'unreachable', reply: 'No.' });
		expect((await products.read([key]))[0]?.fields).toMatchObject({ price: '3.00', description: '' });
	});

	it('a product that a broken create left without a variant is used again', async () => {
		const input = { reference: 'r-9', fields: { value: 'X', name: 'Tent', price: '1' } };
		fake.answerNext('createProductVariants', answer('connection terminated', 'INTERNAL_SERVER_ERROR'));
		await expect(products.create!(input)).rejects.toMatchObject({ kind: 'unreachable' });
		expect(await products.findByReference!(['r-9'])).toEqual([]);
		const created = await products.create!({ ...input, fields: { ...input.fields, name: 'Big tent' } });
		expect(asked('createProduct')).toBe(1);
		expect(created.fields).toMatchObject({ name: 'Big tent', description: '' });
	});

	it('a change of the product alone brings its variants', async () => {
		const key = await seedOne();
		const [before] = await products.read([key]);
		await fake.pass(1000);
		await updateProduct(client, { id: key.id, translations: [{ languageCode: 'en', description: 'New' }] });
		const { records } = await products.changes!(new Date(Date.parse(before!.stamp!) + 1).toISOString(), null);
		expect(records).toMatchObject([{ variantId: key.variantId, fields: { description: 'New' } }]);
	});

	it('a text that is not there in the language of the channel is shown in another, and written in its own', async () => {
		const key = await seedOne();
		const german = open({ language: 'de' }).resource('product')!;
		expect((await german.read([key]))[0]?.fields).toMatchObject({ name: 'Tent' });
		await german.update!({ ...key, version: null, fields: { name: 'Zelt', description: 'Gut' } });
		expect((await german.read([key]))[0]?.fields).toMatchObject({ name: 'Zelt', description: 'Gut' });
		expect((await products.read([key]))[0]?.fields).toMatchObject({ name: 'Tent', description: '' });
	});
});

describe('customers', () => {
	it('one without an e-mail address is not made up', async () => {
		const partners = session.resource('business-partner')!;
		const create = partners.create!({ reference: 'r', fields: { name: 'Anna Alm' } });
		await expect(create).rejects.toMatchObject({ kind: 'rejected', reply: expect.stringMatching(/e-mail/) as string });
		expect(asked('createCustomer')).toBe(0);
	});
});
