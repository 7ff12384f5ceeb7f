import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decimal } from './client.ts';
import { whyNoTryton } from './install.mjs';
import { startTryton, type TrytonServer } from './server.ts';
import { createTrytonWorld, type TrytonChannel } from './world.ts';

const reason = whyNoTryton();

describe.skipIf(reason)(`variants of a real Tryton${reason ? ` (not run: ${reason})` : ''}`, () => {
	let server: TrytonServer;
	let world: Awaited<ReturnType<typeof createTrytonWorld>>;
	let number = 0;

	beforeAll(async () => {
		server = await startTryton();
		world = await createTrytonWorld(server);
	});
	afterAll(async () => {
		await world?.close();
		await server?.stop();
	});

	const entities = ['product', 'product-parent'];

	/** A template of this many variants there. */
	async function addTemplate({ client }: TrytonChannel, variants: number) {
		number += 1;
		const unit = await client.one('product.uom', [['symbol', '=', 'u']], ['id']);
		const codes = Array.from({ length: variants }, (_, at) => `V${number}-${at}`);
		const id = await client.create('product.template', {
			name: 'Tent',
			type: 'goods',
			default_uom: unit['id'],
			list_price: decimal('10'),
			products: [['create', codes.map((suffix_code) => ({ suffix_code }))]]
		});
		return { id, codes, variants: await client.call<number[]>('product.product.search', [['template', '=', id]]) };
	}

	const nameOf = async ({ client }: TrytonChannel, template: number) =>
		(await client.one('product.template', [['id', '=', template]], ['name']))['name'];

	async function expectQuiet(erp: TrytonChannel) {
		const parents = erp.tell('product-parent');
		const before = { dates: await erp.writeDates(), links: [await erp.links(), await parents.links()] };
		for (const mode of ['incremental', 'full'] as const) {
			await parents.run(mode);
			await erp.run(mode);
		}
		expect({ dates: await erp.writeDates(), links: [await erp.links(), await parents.links()] }).toEqual(before);
	}

	it('are taken over with their parent, which renames them all at once, either way', async () => {
		const erp = await world.addChannel({ entities, autoCreateInternal: true });
		const parents = erp.tell('product-parent');
		const tent = await addTemplate(erp, 2);
		await addTemplate(erp, 1);
		await parents.run();
		await erp.run();
		const [parent, ...others] = await parents.links();
		expect(others).toEqual([]);
		expect(parent).toMatchObject({ externalId: String(tent.id), variantId: '', status: 'in-sync' });
		const ours = parent?.internalId ?? '';
		const links = await erp.links();
		expect(links.map(({ status }) => status)).toEqual(['in-sync', 'in-sync', 'in-sync']);
		const variants = links.filter(({ externalId }) => externalId === String(tent.id));
		expect(variants).toHaveLength(2);
		for (const { internalId } of variants)
			expect(await erp.internal(internalId)).toMatchObject({ name: 'Tent', parent: ours });
		await parents.editInternal(ours, { name: 'Dome', price: '12.5' });
		await parents.runUntil(async () => (await nameOf(erp, tent.id)) === 'Dome');
		await erp.client.write('product.template', tent.id, { name: 'Tunnel' });
		await parents.run();
		expect(await parents.internal(ours)).toMatchObject({ name: 'Tunnel', price: '12.500000' });
		// The variants show what their parent carries: they are looked at once.
		await erp.run();
		await expectQuiet(erp);
	});

	it('leave what they share to the parent from the second on, which is seen at once, and take it back', async () => {
		const erp = await world.addChannel({ entities });
		const parents = erp.tell('product-parent');
		const { id, codes, variants } = await addTemplate(erp, 1);
		const internalId = await erp.addInternal({ value: codes[0] ?? '', name: 'Tent', price: '10', is_active: true });
		const linkId = await erp.link(internalId, String(id), String(variants[0]));
		await erp.run('full');
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync' });
		const second = await erp.client.create('product.product', { template: id, suffix_code: `${codes[0]}-B` });
		await erp.run();
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'awaiting' });
		const ours = await parents.addInternal({ value: `P-${number}`, name: 'Tent', price: '10', is_active: true });
		const parentLink = await parents.link(ours, String(id));
		await parents.run();
		await erp.run();
		expect(await erp.internal(internalId)).toMatchObject({ parent: ours });
		await erp.editInternal(internalId, { name: 'Tent, red', description: 'Light' });
		const descriptionOf = async () =>
			(await erp.client.one('product.product', [['id', '=', variants[0]]], ['description']))['description'];
		await erp.runUntil(async () => (await descriptionOf()) === 'Light');
		expect(await nameOf(erp, id)).toBe('Tent');
		await erp.client.remove('product.product', second);
		await parents.run('full');
		await parents.run('full');
		expect(await parents.linkState(parentLink)).toMatchObject({ status: 'orphan' });
		await erp.run('full');
		await erp.runUntil(async () => (await nameOf(erp, id)) === 'Tent, red');
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	});

	it('are made under the template of their parent', async () => {
		const erp = await world.addChannel({ entities, autoCreateExternal: true });
		const parents = erp.tell('product-parent');
		const { id, variants } = await addTemplate(erp, 2);
		await erp.client.write('product.template', id, { code: 'TENT-' });
		const ours = await parents.addInternal({ value: `P-${number}`, name: 'Tent', price: '10', is_active: true });
		await parents.link(ours, String(id));
		await parents.run();
		const fields = { value: 'TENT-GREEN', name: 'Tent, green', gtin: '4006381333931', price: '99', parent: ours };
		const internalId = await erp.addInternal(fields);
		await erp.runUntil(async () => (await erp.links()).length === 1);
		expect(await erp.links()).toMatchObject([{ internalId, externalId: String(id), status: 'in-sync' }]);
		const made = await erp.client.one(
			'product.product',
			[
				['template', '=', id],
				['id', 'not in', variants]
			],
			['code', 'suffix_code', 'template.name', 'template.list_price']
		);
		expect(made).toMatchObject({ code: 'TENT-GREEN', suffix_code: 'GREEN' });
		expect(made['template.']).toMatchObject({ name: 'Tent', list_price: '10' });
		await expectQuiet(erp);
	});
});
