import { describe, expect, it } from 'vitest';
import { erpSettings } from '#src/demo/channels.ts';
import { item, key, over } from '../../../../tests/wire/canned-rest.ts';
import type { RestSettingsInput } from './settings.ts';

type Paging = RestSettingsInput['entities'][string]['paging'];

function paged(paging: Paging, query: Record<string, string> = {}): RestSettingsInput {
	const settings = erpSettings('http://erp.test/api');
	const product = settings.entities['product']!;
	product.paging = paging;
	product.pageSize = 2;
	product.requests.list.query = { limit: '{limit}', ...query };
	return settings;
}

const five = ['1', '2', '3', '4', '5'].map((id) => item(id));

describe('pages', () => {
	it.each([
		[
			'page',
			{ kind: 'page' },
			{ page: '{page}' },
			['limit=2&page=1', 'limit=2&page=2', 'limit=2&page=3', 'limit=2&page=4']
		],
		[
			'offset',
			{ kind: 'offset', end: 'short-page' },
			{ offset: '{offset}' },
			['limit=2&offset=0', 'limit=2&offset=2', 'limit=2&offset=4']
		],
		[
			'last-id',
			{ kind: 'last-id', first: '0', end: 'short-page' },
			{ after: '{after}' },
			['limit=2&after=0', 'limit=2&after=2', 'limit=2&after=4']
		]
	] as const)('%s', async (_, paging, query, expected) => {
		const { product, sent } = over(
			({ url }) => {
				const asked = new URL(url).searchParams;
				const start = asked.has('page')
					? (Number(asked.get('page')) - 1) * 2
					: Number(asked.get('offset') ?? asked.get('after'));
				return { json: { items: five.slice(start, start + 2) } };
			},
			paged(paging, query)
		);
		const ids: string[] = [];
		let cursor: string | null = null;
		do {
			const page: Awaited<ReturnType<typeof product.list>> = await product.list(cursor);
			ids.push(...page.records.map(({ id }) => id));
			cursor = page.next;
		} while (cursor !== null);
		expect(ids).toEqual(['1', '2', '3', '4', '5']);
		expect(sent.map(({ url }) => url.split('?')[1])).toEqual(expected);
	});

	it('a Link header or an address leads on, on the own host only', async () => {
		const link = (url: string) => ({
			json: { items: five.slice(0, 2) },
			headers: { link: `<${url}>; rel="next", <http://x.test/>; rel="last"` }
		});
		const { product, sent } = over(
			[link('/api/products?p=2'), { json: { items: [] } }],
			paged({ kind: 'link-header' })
		);
		const { next } = await product.list(null);
		await product.list(next);
		expect(sent[1]?.url).toBe('http://erp.test/api/products?p=2');
		for (const url of ['http://evil.test/api', '//evil.test/x', 'https://erp.test/api', 'ftp://erp.test/']) {
			const away = over([link(url)], paged({ kind: 'link-header' })).product.list(null);
			await expect(away).rejects.toMatchObject({ kind: 'invalid-reply' });
			const next = over([{ json: { items: [], next: url } }], paged({ kind: 'next-url', next: 'next' })).product.list(
				null
			);
			await expect(next).rejects.toMatchObject({ kind: 'invalid-reply' });
		}
	});

	it('a feed by offset misses no record that moves up behind one that changes meanwhile', async () => {
		const rows = ['1', '2', '3', '4'].map((id) => ({ id, at: `2026-11-28T15:00:0${id}Z` }));
		const settings = paged({ kind: 'offset' });
		settings.entities['product']!.requests.changes = { query: { since: '{since}', offset: '{offset}' } };
		const { product } = over(({ url }) => {
			const asked = new URL(url).searchParams;
			const found = rows.filter(({ at }) => at >= (asked.get('since') ?? ''));
			const offset = Number(asked.get('offset'));
			const items = found.slice(offset, offset + 2).map(({ id, at }) => item(id, { updated_at: at }));
			// While the first page is read, its first record changes once more: all behind it move up.
			if (rows[0]?.id === '1') rows.push({ ...rows.shift()!, at: '2026-11-28T15:00:09Z' });
			return { json: { items } };
		}, settings);
		const ids = new Set<string>();
		let cursor: string | null = null;
		do {
			const page: Awaited<ReturnType<typeof product.list>> = await product.changes!('2026-11-28T15:00:00Z', cursor);
			for (const { id } of page.records) ids.add(id);
			cursor = page.next;
		} while (cursor !== null);
		expect([...ids].sort()).toEqual(['1', '2', '3', '4']);
	});
});

it('an answer 200 that says it failed is a failure, of the kind that the rules tell', async () => {
	const settings = erpSettings('http://erp.test/api');
	settings.errors = {
		message: ['/errors/0/message'],
		rules: [
			{ at: '/errors/0/code', is: 'THROTTLED', kind: 'rate-limited', retryAfterMs: 1500 },
			{ at: 'errors', kind: 'rejected' }
		],
		retryAfter: { header: 'X-Wait', unit: 'milliseconds' }
	};
	const failing = (code: string, headers = {}) =>
		over([{ json: { items: [], next: null, errors: [{ code, message: 'no' }] }, headers }], settings);
	await expect(failing('THROTTLED').product.list(null)).rejects.toMatchObject({
		kind: 'rate-limited',
		retryAfterMs: 1500
	});
	await expect(failing('THROTTLED', { 'x-wait': '70' }).product.list(null)).rejects.toMatchObject({ retryAfterMs: 70 });
	const update = failing('X').product.update!({ ...key('1'), version: null, fields: { name: 'T' } });
	await expect(update).rejects.toMatchObject({ kind: 'rejected', reply: 'no' });
	const fine = over([{ json: { items: [], next: null, errors: [] } }], settings).product.list(null);
	expect((await fine).records).toEqual([]);
});
