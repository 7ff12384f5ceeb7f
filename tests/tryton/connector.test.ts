import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExternalKey, Resource, Session } from '#src/engine/connectors/connector.ts';
import { createTransport } from '#src/engine/connectors/http.ts';
import { tryton } from '#src/engine/connectors/tryton/index.ts';
import type { HttpRequest } from '#src/engine/connectors/transport.ts';
import type { TrytonClient } from './client.ts';
import { whyNoTryton } from './install.mjs';
import { productKey } from './rig.ts';
import { startTryton, type TrytonServer } from './server.ts';

const reason = whyNoTryton();

describe.skipIf(reason)(`what only a real Tryton shows${reason ? ` (not run: ${reason})` : ''}`, () => {
	let server: TrytonServer;
	let client: TrytonClient;
	let session: Session;
	let products: Resource;
	let partners: Resource;
	/** Runs right before a request with this method goes out. */
	let before: { method: string; run: (request: HttpRequest) => Promise<void> } | undefined;
	let sent: string[] = [];

	function open(settings: Record<string, unknown> = {}, password = server.password): Session {
		const send = createTransport({ fetch, monotonicNow: () => performance.now(), wallNow: () => Date.now() });
		return tryton.open({
			settings: { url: server.url, database: server.database, user: server.user, backend: 'sqlite', ...settings },
			credentials: { password },
			transport: async (request) => {
				const { method } = JSON.parse(request.body ?? '{}') as { method: string };
				sent.push(method);
				const hook = before?.method === method ? before : undefined;
				if (hook) before = undefined;
				await hook?.run(request);
				return send(request);
			}
		});
	}

	beforeAll(async () => {
		server = await startTryton();
		client = server.client;
		session = open();
		products = session.resource('product')!;
		partners = session.resource('business-partner')!;
	});
	afterAll(async () => {
		await session?.close();
		await server?.stop();
	});

	let made = 0;
	const code = () => `R-${(made += 1)}`;
	const product = (fields = {}) =>
		products.create!({
			reference: `ref ${made}/é`,
			fields: { value: code(), name: 'Tent', price: '12.50', is_active: true, ...fields }
		});
	const one = async (resource: Resource, key: ExternalKey) => {
		const [record] = await resource.read([key]);
		return record!;
	};
	const update = async (resource: Resource, key: ExternalKey, fields: Record<string, string | boolean | null>) => {
		const { version } = await one(resource, key);
		return resource.update!({ id: key.id, variantId: key.variantId, version, fields });
	};

	it('a barcode is written, changed and cleared as an identifier of the variant', async () => {
		const created = await product({ gtin: '4006381333931' });
		expect(created.fields['gtin']).toBe('4006381333931');
		const changed = await update(products, created, { gtin: '96385-074' });
		expect(changed.fields?.['gtin']).toBe('96385074');
		const cleared = await update(products, created, { gtin: null });
		expect(cleared.fields?.['gtin']).toBeNull();
		const rest = await client.count('product.identifier', [['product', '=', Number(created.variantId)]]);
		expect(rest, 'our reference stays').toBe(1);
		await expect(update(products, created, { gtin: '123' })).rejects.toMatchObject({
			kind: 'rejected',
			reply: expect.stringContaining('not valid') as string
		});
	});

	it('email, phone and tax number of a partner are written, changed and cleared', async () => {
		const given = { email: 'a@b.example', phone: '+49 30 901820', tax_id: 'DE 136.695.976' };
		const created = await partners.create!({ reference: 'p1', fields: { value: code(), name: 'Ski Club', ...given } });
		expect(created.fields).toMatchObject({ email: 'a@b.example', phone: '+4930901820', tax_id: 'DE136695976' });
		const changed = await update(partners, created, { email: 'c@d.example', phone: '+49301', tax_id: 'DE811569869' });
		expect(changed.fields).toMatchObject({ email: 'c@d.example', phone: '+49301', tax_id: 'DE811569869' });
		const party = await client.one('party.party', [['id', '=', Number(created.id)]], ['email', 'tax_identifier.code']);
		expect(party).toMatchObject({ email: 'c@d.example', 'tax_identifier.': { code: 'DE811569869' } });
		await update(partners, created, { email: null, phone: null, tax_id: null });
		expect((await one(partners, created)).fields).toMatchObject({ email: null, phone: null, tax_id: null });
	});

	it('a contact edited in the list of contacts is found, though it moves no stamp of the party', async () => {
		const fields = { value: code(), name: 'Ski Club', email: 'old@b.example' };
		const created = await partners.create!({ reference: 'p2', fields });
		const other = await partners.create!({ reference: 'p3', fields: { ...fields, value: code() } });
		const since = (await one(partners, other)).stamp!;
		const email = [
			['party', '=', Number(created.id)],
			['type', '=', 'email']
		];
		const { id } = await client.one('party.contact_mechanism', email, ['id']);
		await client.write('party.contact_mechanism', Number(id), { value: 'new@b.example' });
		const { records } = await partners.changes!(since, null);
		expect(records.find((record) => record.id === created.id)?.fields['email']).toBe('new@b.example');
		const stale = { id: created.id, variantId: '', version: created.version, fields: { email: 'ours@b.example' } };
		await expect(partners.update!(stale)).rejects.toMatchObject({ kind: 'conflict' });
	});

	it('a product that somebody duplicates in Tryton does not carry our reference', async () => {
		const created = await product();
		const [copied] = await client.call<number[]>('product.template.copy', [Number(created.id)]);
		const copy = await productKey(client, copied!);
		expect((await one(products, copy)).reference).toBeNull();
		expect(await products.findByReference!([created.reference!])).toMatchObject([{ id: created.id }]);
	});

	it('a reference whose seal was never written is found all the same', async () => {
		before = { method: 'model.product.identifier.search', run: () => Promise.reject(new Error('killed')) };
		const reference = `ref ${made}/é`;
		await expect(product()).rejects.toThrow('killed');
		const [found] = await products.findByReference!([reference]);
		expect(found).toMatchObject({ reference, fields: { name: 'Tent' } });
	});

	it('archiving a variant leaves the template alone while another variant is active', async () => {
		const created = await product();
		const template = Number(created.id);
		await client.create('product.product', { template, suffix_code: code() });
		expect((await update(products, created, { is_active: false })).fields?.['is_active']).toBe(false);
		expect(await client.one('product.template', [['id', '=', template]], ['active'])).toMatchObject({ active: 1 });
		expect((await update(products, created, { is_active: true })).fields?.['is_active']).toBe(true);
	});

	it('a code keeps the code of its template in front', async () => {
		const created = await product();
		await client.write('product.template', Number(created.id), { code: 'PRE-' });
		const value = String((await one(products, created)).fields['value']);
		expect(value).toMatch(/^PRE-R-/);
		await update(products, created, { value: 'PRE-X' });
		expect((await one(products, created)).fields['value']).toBe('PRE-X');
		await expect(update(products, created, { value: 'Y' })).rejects.toMatchObject({ kind: 'rejected' });
	});

	it('Tryton itself refuses our write when somebody was faster by more than a second', async () => {
		const created = await product();
		const id = Number(created.id);
		before = {
			method: 'model.product.template.write',
			async run() {
				await new Promise((resolve) => setTimeout(resolve, 1100));
				await client.write('product.template', id, { name: 'Theirs' });
			}
		};
		await expect(update(products, created, { name: 'Ours' })).rejects.toMatchObject({ kind: 'conflict' });
		expect((await one(products, created)).fields['name']).toBe('Theirs');
	});

	it('a write reports no version when somebody else wrote before it could be read back', async () => {
		const created = await product();
		const { version } = created;
		let reads = 0;
		const meddle = {
			method: 'model.product.product.search_read',
			async run() {
				reads += 1;
				if (reads === 1) before = meddle;
				else await client.write('product.product', Number(created.variantId), { description: 'theirs' });
			}
		};
		before = meddle;
		const reply = await products.update!({ ...created, version, fields: { name: 'Ours' } });
		expect(reply).toEqual({ version: null, stamp: null, fields: null });
		expect((await one(products, created)).fields).toMatchObject({ name: 'Ours', description: 'theirs' });
	});

	it('a session that ended is renewed once, by all calls together', async () => {
		const ending = open();
		const resource = ending.resource('product')!;
		let headers = {};
		before = {
			method: 'model.product.product.search_read',
			run: async (request) => void (headers = { ...request.headers })
		};
		await resource.list(null);
		const body = JSON.stringify({ id: 1, method: 'common.db.logout', params: [] });
		await fetch(`${server.url}/${server.database}/`, { method: 'POST', headers, body });
		sent = [];
		await Promise.all([resource.list(null), resource.list(null)]);
		expect(sent.filter((method) => method === 'common.db.login')).toHaveLength(1);
		await ending.close();
	});

	it('a wrong password is sent once, and says what to renew', async () => {
		const refused = open({}, 'wrong');
		sent = [];
		await expect(refused.probe()).rejects.toMatchObject({
			kind: 'unauthorized',
			hint: expect.stringContaining('Renew') as string
		});
		await expect(refused.resource('product')!.list(null)).rejects.toMatchObject({ kind: 'unauthorized' });
		expect(sent).toEqual(['common.db.login']);
	});

	it('wrong settings are named', async () => {
		await expect(open({ database: 'nowhere' }).probe()).rejects.toMatchObject({ kind: 'misconfigured' });
		await expect(open({ url: `${server.url}/elsewhere` }).probe()).rejects.toMatchObject({ kind: 'misconfigured' });
		const create = { reference: 'u', fields: { value: code(), name: 'Tent', price: '1' } };
		const unknownUnit = open({ unit: 'parsec' }).resource('product')!.create!(create);
		await expect(unknownUnit).rejects.toMatchObject({
			kind: 'misconfigured',
			hint: expect.stringContaining('parsec') as string
		});
	});

	it('search takes wildcards for what they are, and knows barcodes', async () => {
		const created = await product({ name: '100% wool_hat', gtin: '4006381333931' });
		const found = async (text: string) => (await products.search(text)).map((record) => record.id);
		expect(await found('100% wool_')).toEqual([created.id]);
		expect(await found('1%hat')).toEqual([]);
		expect(await found('4006381333931')).toEqual([created.id]);
	});
});
