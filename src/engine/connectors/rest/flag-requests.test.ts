import { describe, expect, it } from 'vitest';
import { erpSettings } from '#src/demo/channels.ts';
import { item, over } from '../../../../tests/wire/canned-rest.ts';
import { rest } from './index.ts';
import type { RestSettingsInput } from './settings.ts';

/** The demo ERP, with calls of their own for switching a product on and off. */
function withTurns(names: readonly ('activate' | 'deactivate')[] = ['activate', 'deactivate']): RestSettingsInput {
	const settings = erpSettings('http://erp.test');
	for (const name of names) {
		settings.entities['product']!.requests[name] = {
			path: `/products/{id}/${name}`,
			headers: { 'if-match': '{version}' }
		};
	}
	return settings;
}

/** Creates a product on a service that makes every product active. */
async function create(isActive: boolean, settings = withTurns()) {
	const { product, sent } = over(({ url, method }) => {
		const isTurn = url.endsWith('activate') || method === 'PATCH';
		const now = { external_ref: 'cm-1', active: !url.endsWith('deactivate'), etag: isTurn ? '"1.2"' : '"1.1"' };
		return { json: item('1', now), headers: { etag: now.etag } };
	}, settings);
	const made = await product.create!({ reference: 'cm-1', fields: { name: 'Tent', is_active: isActive } });
	return { made, sent };
}

describe('is_active at a channel with requests of its own for it', () => {
	it.each([true, false])('is not in the body of a create (%s)', async (isActive) => {
		const { sent } = await create(isActive);
		expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ name: 'Tent', external_ref: 'cm-1' });
	});

	it('needs no further call where the new record is as it should be', async () => {
		const { made, sent } = await create(true);
		expect(sent).toHaveLength(1);
		expect(made.fields).toMatchObject({ is_active: true });
	});

	it('is asked for with the request that stands for it, under the version of the new record', async () => {
		const { made, sent } = await create(false);
		expect(sent.map(({ url }) => new URL(url).pathname)).toEqual(['/products', '/products/1/deactivate']);
		expect(sent[1]?.headers).toMatchObject({ 'if-match': '"1.1"' });
		expect(made).toMatchObject({ id: '1', version: '"1.2"', fields: { name: 'Tent', is_active: false } });
	});

	it('is in the body of a create where no request stands for it', async () => {
		const { sent } = await create(true, withTurns([]));
		expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ active: true });
		expect(sent).toHaveLength(1);
	});

	it('leaves the outcome open where the record was made and could not be switched off', async () => {
		const { product } = over(
			({ url }) => (url.endsWith('deactivate') ? { status: 422 } : { json: item('1', { external_ref: 'cm-1' }) }),
			withTurns()
		);
		const made = product.create!({ reference: 'cm-1', fields: { name: 'Tent', is_active: false } });
		await expect(made).rejects.toMatchObject({ kind: 'unreachable' });
	});

	it.each(['activate', 'deactivate'] as const)(
		'cannot be read only together with %s, which would never be sent',
		(name) => {
			const settings = withTurns([name]);
			const fields = settings.entities['product']!.fields.map((field) =>
				field.name === 'is_active' ? { ...field, readOnly: true as const } : field
			) as RestSettingsInput['entities'][string]['fields'];
			settings.entities['product']!.fields = fields;
			const issues = rest.check(settings);
			expect(issues).toEqual([
				expect.objectContaining({ path: expect.stringMatching(/^entities\.product\.fields\.\d+\.readOnly$/) as string })
			]);
			expect(issues[0]?.message).toContain(`"${name}"`);
		}
	);
});
