import { describe, expect, it } from 'vitest';
import { item, key, over } from '../../../../tests/wire/canned-rest.ts';

describe('answers that would do harm', () => {
	const page = (...items: object[]) => ({ json: { items, next: null } });

	it.each([
		['half a character in an id', item('1\ud800')],
		['NUL in an id', item('1\u0000')],
		['an id that no index takes', item('1'.repeat(3000))],
		['a version that no header takes', item('1', { etag: 'a\nb' })],
		['a day that no calendar has', item('1', { updated_at: '2026-02-30T00:00:00Z' })],
		['a time before the year 1', item('1', { updated_at: '0001-01-01T00:00:00+14:00' })],
		['a time after the year 9999', item('1', { updated_at: '9999-12-31T23:59:59-12:00' })]
	])('%s is an invalid reply', async (_, bad) => {
		await expect(over([page(bad)]).product.list(null)).rejects.toMatchObject({ kind: 'invalid-reply' });
	});

	it('one record twice, or a filtered listing without end, is an invalid reply', async () => {
		const twice = over([page(item('1'), item('1', { name: 'Other' }))]).product.list(null);
		await expect(twice).rejects.toMatchObject({ kind: 'invalid-reply' });
		let after = 0;
		const endless = over(() => ({ json: { items: [item('1'), item('2')], next: `c${(after += 1)}` } }));
		const read = endless.product.read([key('1'), key('2')]);
		await expect(read).rejects.toMatchObject({ kind: 'invalid-reply' });
		expect(after).toBe(2);
	});

	it('a record without its version is not read: the next write would go out unguarded', async () => {
		const bare = item('1', { etag: undefined });
		await expect(over([{ json: bare }]).product.read([key('1')])).rejects.toMatchObject({ kind: 'invalid-reply' });
		const two = over([page(item('2'), bare)]).product.read([key('1'), key('2')]);
		await expect(two).rejects.toMatchObject({ kind: 'invalid-reply' });
	});

	it('another record in the answer to a write is never taken for ours', async () => {
		const create = over([{ status: 201, json: item('9', { external_ref: 'theirs' }) }]).product.create!({
			reference: 'ours',
			fields: { name: 'Tent' }
		});
		await expect(create).rejects.toMatchObject({ kind: 'unreachable' });
		const update = over([{ json: item('2') }]).product.update!({
			...key('1'),
			version: '"1.1"',
			fields: { name: 'T' }
		});
		await expect(update).rejects.toMatchObject({ kind: 'unreachable' });
	});
});
