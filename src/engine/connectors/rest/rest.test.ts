import { describe, expect, it } from 'vitest';
import { erpSettings, shopSettings } from '#src/demo/channels.ts';
import { item, key, over } from '../../../../tests/wire/canned-rest.ts';
import { decode, encode } from './codec.ts';
import { rest } from './index.ts';
import { JsonNumber } from '../parse-json.ts';
import { field as fieldSchema, type WrittenField } from './field-settings.ts';

const field = (as: WrittenField['as'], more: object = {}) =>
	fieldSchema.parse({ name: 'f', at: 'f', label: 'F', as, ...more }) as WrittenField;

describe('settings', () => {
	const base = erpSettings('http://erp.test');
	it.each([
		['baseUrl', { ...base, baseUrl: 'ftp://erp.test' }],
		['baseUrl', { ...base, baseUrl: 'http://user:secret@erp.test' }],
		['auth.kind', { ...base, auth: { kind: 'magic' } }],
		[
			'entities.product.requests.get',
			{
				...base,
				entities: { product: { ...base.entities['product'], requests: { list: { path: '/p' }, get: { path: '/p' } } } }
			}
		],
		['', { ...base, colour: 'red' }]
	])('names %s', (path, settings) => {
		expect(rest.check(settings).map((issue) => issue.path)).toContain(path);
	});

	it('accepts both demo channels', () => {
		expect(rest.check(base)).toEqual([]);
		expect(rest.check(shopSettings('https://shop.test/'))).toEqual([]);
	});
});

describe('reading', () => {
	it('sends the key as the settings say', async () => {
		for (const [auth, header] of [
			[{ kind: 'bearer' }, { authorization: 'Bearer k3y' }],
			[{ kind: 'api-key', name: 'X-Api-Key' }, { 'X-Api-Key': 'k3y' }],
			[{ kind: 'basic', user: 'me' }, { authorization: `Basic ${btoa('me:k3y')}` }]
		] as const) {
			const { sent, product } = over([{ json: { items: [], next: null } }], {
				...erpSettings('http://erp.test'),
				auth
			});
			await product.list(null);
			expect(sent[0]?.headers).toMatchObject(header);
		}
	});

	it('keeps ids and prices that a number would break', async () => {
		const body = `{"items":[${JSON.stringify(item('ID')).replace('"ID"', '9007199254740993').replace('1.5', '1.10e0')}],"next":null}`;
		const { product } = over([{ text: body }]);
		const { records } = await product.list(null);
		expect(records[0]).toMatchObject({ id: '9007199254740993', fields: { weight: '1.10' } });
	});

	it('brings stamps to UTC without losing digits', async () => {
		const times = {
			'2026-11-28T16:30:00.123456+01:30': '2026-11-28T15:00:00.123456Z',
			'2026-03-29T00:15:00-0330': '2026-03-29T03:45:00Z',
			'2026-11-28 15:00:00.5': '2026-11-28T15:00:00.5Z'
		};
		for (const [theirs, ours] of Object.entries(times)) {
			const { product } = over([{ json: { items: [item('1', { updated_at: theirs })], next: null } }]);
			expect((await product.list(null)).records[0]?.stamp).toBe(ours);
		}
		const { product } = over([{ json: { items: [item('1', { updated_at: 'yesterday' })], next: null } }]);
		await expect(product.list(null)).rejects.toMatchObject({ kind: 'invalid-reply' });
	});

	it('marks a value that we cannot hold instead of changing or dropping it', async () => {
		const bad = item('1', { name: 'half \ud83d', price: '1e400' });
		const { product } = over([{ json: { items: [bad, item('2')], next: null } }]);
		const { records } = await product.list(null);
		expect(Object.keys(records[0]?.unreadable ?? {})).toEqual(['name', 'price']);
		expect(records[0]?.fields).not.toHaveProperty('name');
		expect(records[1]).not.toHaveProperty('unreadable');
	});

	it.each([
		['a number for a text list', { items: {}, next: null }],
		['an item without id', { items: [{ ...item('1'), id: undefined }], next: null }],
		['a boolean that became text', { items: [item('1', { active: 'yes' })], next: null }],
		['an object for a text', { items: [item('1', { name: { en: 'Tent' } })], next: null }],
		['no word about the next page', { items: [item('1')] }]
	])('finds drift: %s', async (_, json) => {
		await expect(over([{ json }]).product.list(null)).rejects.toMatchObject({ kind: 'invalid-reply' });
	});

	it('finds out a channel that ignores a filter, rather than believing it', async () => {
		const all = { json: { items: [item('1'), item('2'), item('3')], next: null } };
		await expect(over([all]).product.read([key('1'), key('2')])).rejects.toMatchObject({ kind: 'misconfigured' });
		await expect(over([all]).product.findByReference!(['cm-1'])).rejects.toMatchObject({ kind: 'misconfigured' });
	});

	it('stops paging that goes round', async () => {
		const page = { json: { items: [item('1')], next: 'same' } };
		const { product } = over([page, page]);
		await product.list(null);
		await expect(product.list('same')).rejects.toMatchObject({ kind: 'invalid-reply' });
	});

	it('does not take changes out of order', async () => {
		const items = [
			item('1', { updated_at: '2026-11-28T15:00:01Z' }),
			item('2', { updated_at: '2026-11-28T15:00:00.9Z' })
		];
		const { product } = over([{ json: { items, next: null } }]);
		await expect(product.changes!('2026-01-01T00:00:00Z', null)).rejects.toMatchObject({ kind: 'invalid-reply' });
	});

	it('takes a list that is not there for a wrong setting, not for a missing record', async () => {
		const { product } = over([{ status: 404, text: 'nope' }]);
		await expect(product.list(null)).rejects.toMatchObject({ kind: 'misconfigured', reply: 'nope' });
	});

	it('reads one by one where tags come only with single reads', async () => {
		const settings = erpSettings('http://erp.test');
		settings.entities['product']!.version = { from: 'etag-header' };
		const { product, sent } = over(
			({ url }) => ({ json: item(url.slice(-1)), headers: { etag: `"tag${url.slice(-1)}"` } }),
			settings
		);
		const records = await product.read([key('1'), key('2')]);
		expect(records.map(({ version }) => version)).toEqual(['"tag1"', '"tag2"']);
		expect(sent.map(({ url }) => url)).toEqual(['http://erp.test/products/1', 'http://erp.test/products/2']);
	});

	it('lets no id climb out of its path', async () => {
		const { product, sent } = over(() => ({ status: 404 }));
		expect(await product.read([key('..'), key('.'), key('')])).toEqual([]);
		expect(sent).toEqual([]);
		await product.read([key('a/../../admin?x=1#y')]);
		expect(sent[0]?.url).toBe('http://erp.test/api/products/a%2F..%2F..%2Fadmin%3Fx%3D1%23y');
	});

	it('asks for the second that a finer moment lies in', async () => {
		const { product, sent } = over([{ json: { items: [], next: null } }], shopSettings('http://shop.test'));
		await product.changes!('2026-11-28T15:00:00.987654Z', null);
		expect(new URL(sent[0]!.url).searchParams.get('updated_since')).toBe('2026-11-28T15:00:00Z');
	});

	it('never repeats the key that a channel echoes', async () => {
		const { product } = over([{ status: 403, json: { message: 'key k3y is blocked' } }]);
		const error: unknown = await product.list(null).catch((cause: unknown) => cause);
		expect(error).toMatchObject({ kind: 'unauthorized', reply: 'key *** is blocked' });
	});
});

describe('writing', () => {
	it('writes digits that a number would lose, in the places of the settings', async () => {
		const settings = shopSettings('http://shop.test');
		settings.entities['product']!.fields[4]! = {
			...settings.entities['product']!.fields[4]!,
			at: '/price/cents'
		} as never;
		const { product, sent } = over([{ status: 204 }], settings);
		await product.update!({
			...key('1'),
			version: null,
			fields: { price: '12345678901234567.005', description: null }
		});
		expect(sent[0]).toMatchObject({ method: 'PATCH', body: '{"price":{"cents":1234567890123456701},"text":""}' });
		expect(sent[0]?.headers).not.toHaveProperty('if-match');
	});

	it('sends the version as If-Match', async () => {
		const { product, sent } = over([{ json: item('1'), headers: { etag: '"1.2"' } }]);
		const reply = await product.update!({ ...key('1'), version: '"1.1"', fields: { name: 'Tent' } });
		expect(sent[0]?.headers).toMatchObject({ 'if-match': '"1.1"' });
		expect(reply).toMatchObject({ version: '"1.2"', fields: { name: 'Tent' } });
	});

	it('calls the outcome unknown when the answer after a write is unusable', async () => {
		const page = { text: '<html>Sign in</html>' };
		const update = over([page]).product.update!({ ...key('1'), version: null, fields: { name: 'Tent' } });
		await expect(update).rejects.toMatchObject({ kind: 'unreachable' });
		const create = over([{ json: { id: '7' } }, { status: 401 }]).product.create!({
			reference: 'r',
			fields: { name: 'T' }
		});
		await expect(create).rejects.toMatchObject({ kind: 'unreachable' });
	});

	it('takes a short answer after a write for what it is', async () => {
		const { product } = over([{ json: { ok: true } }]);
		const reply = await product.update!({ ...key('1'), version: null, fields: { name: 'Tent' } });
		expect(reply).toEqual({ version: null, stamp: null, fields: null });
	});

	it('sends nothing that does not fit', async () => {
		const settings = erpSettings('http://erp.test');
		Object.assign(settings.entities['product']!.fields[1]!, { maxLength: 3 });
		Object.assign(settings.entities['product']!.fields[0]!, { readOnly: true });
		const { product, sent } = over(() => ({ status: 204 }), settings);
		for (const fields of [{ name: '😀😀😀😀' }, { value: 'X' }, { flavour: 'red' }]) {
			await expect(product.update!({ ...key('1'), version: null, fields })).rejects.toMatchObject({ kind: 'rejected' });
		}
		expect(sent).toEqual([]);
		await product.update!({ ...key('1'), version: null, fields: { name: '😀😀😀' } });
		expect(sent).toHaveLength(1);
	});
});

describe('values', () => {
	it.each([
		['minor-units', new JsonNumber('1250'), '12.50'],
		['minor-units', new JsonNumber('-5'), '-0.05'],
		['minor-units', '7', '0.07'],
		['number', new JsonNumber('1.5e3'), '1500'],
		['number', new JsonNumber('25e-4'), '0.0025'],
		['number', new JsonNumber('1.25e1'), '12.5'],
		['decimal-text', '12.50', '12.50'],
		['decimal-text', '', null],
		['text', new JsonNumber('4006381333931'), '4006381333931']
	] as const)('%s %o is %s', (as, json, value) => {
		expect(decode(field(as), json)).toEqual({ value });
	});

	it.each([
		['minor-units', '12.345', '1235'],
		['minor-units', '-0.005', '-1'],
		['minor-units', '1.1', '110'],
		['number', '1.500', '1.5'],
		['decimal-text', '2.50', '"2.5"'],
		['boolean', 'true', 'true'],
		['text', ' two\nlines ', '" two\\nlines "'],
		['text', null, 'null'],
		['decimal-text', '', 'null']
	] as const)('%s %s is sent as %s', (as, value, json) => {
		expect(encode(field(as), value)).toBe(json);
	});
});
