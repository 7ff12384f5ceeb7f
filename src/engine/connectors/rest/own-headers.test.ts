import { describe, expect, it } from 'vitest';
import { erpSettings } from '#src/demo/channels.ts';
import { key, over } from '../../../../tests/wire/canned-rest.ts';

const own = 'application/vnd.api+json';
const write = { ...key('1'), version: null, fields: { name: 'Tent' } };

describe('the content type of a body', () => {
	it('is JSON where the file says nothing', async () => {
		const { product, sent } = over([{ status: 204 }]);
		await product.update!(write);
		expect(sent[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
	});

	it.each(['Content-Type', 'content-type', 'CONTENT-TYPE'])('is what the file says under %s', async (name) => {
		const { product, sent } = over([{ status: 204 }], { ...erpSettings('http://erp.test'), headers: { [name]: own } });
		await product.update!(write);
		expect(sent[0]?.headers).toMatchObject({ 'content-type': own });
		expect(Object.keys(sent[0]?.headers ?? {}).filter((each) => each.toLowerCase() === 'content-type')).toHaveLength(1);
	});

	it('is what a request says for itself, whatever the file says for all', async () => {
		const settings = { ...erpSettings('http://erp.test'), headers: { 'Content-Type': own } };
		settings.entities['product']!.requests.update!.headers = { 'Content-Type': 'application/merge-patch+json' };
		const { product, sent } = over([{ status: 204 }], settings);
		await product.update!(write);
		expect(sent[0]?.headers).toMatchObject({ 'content-type': 'application/merge-patch+json' });
	});

	it.each([
		['a login in JSON', { body: { password: '{key}' } }, own],
		[
			'a login in a form, which is one whatever the file says',
			{ form: { password: '{key}' } },
			'application/x-www-form-urlencoded'
		]
	])('stands once at %s', async (_, login, expected) => {
		const { product, sent } = over([{ json: { token: 't0ken' } }, { status: 204 }], {
			...erpSettings('http://erp.test'),
			headers: { 'Content-Type': own },
			auth: {
				kind: 'session',
				login: { path: '/login', ...login },
				token: { from: 'reply', at: 'token', header: 'x-token' }
			}
		});
		await product.update!(write);
		const types = Object.entries(sent[0]?.headers ?? {}).filter(([name]) => name.toLowerCase() === 'content-type');
		expect(types).toEqual([['content-type', expected]]);
		expect(sent[1]?.headers).toMatchObject({ 'content-type': own });
	});
});
