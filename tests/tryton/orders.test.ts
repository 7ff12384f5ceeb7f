import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLines } from '#src/sync/order-lines.ts';
import { confirmChanges, receiveOrders, waitingAt } from '../scenarios/receive-orders.ts';
import { decimal } from './client.ts';
import { whyNoTryton } from './install.mjs';
import { addQuotation, addTaxes, makeSalable, newCustomer, type SoldLine, stateOf } from './sales.ts';
import { startTryton, type TrytonServer } from './server.ts';
import { addProduct, createTrytonWorld, type TrytonChannel } from './world.ts';

const reason = whyNoTryton();

describe.skipIf(reason)(`orders of a real Tryton${reason ? ` (not run: ${reason})` : ''}`, () => {
	let server: TrytonServer;
	let world: Awaited<ReturnType<typeof createTrytonWorld>>;

	beforeAll(async () => {
		server = await startTryton();
		await server.freshDatabase('sales');
		world = await createTrytonWorld(server);
	});
	afterAll(async () => {
		await world?.close();
		await server?.stop();
	});

	/** A channel that has orders from now on, with one product that is linked and one that is not. */
	async function office() {
		const entities = ['product', 'business-partner', 'sales-order'];
		const erp: TrytonChannel = await world.addChannel({ live: false, entities }, 'sales-order');
		const products = erp.tell('product');
		const [tent, rope] = [
			{ value: 'TENT', name: 'Tent', price: '50' },
			{ value: 'ROPE', name: 'Rope', price: '10' }
		];
		const theirs = [await addProduct(erp.client, tent), await addProduct(erp.client, rope)] as const;
		for (const { id } of theirs) await makeSalable(erp.client, id);
		const variants = theirs.map(({ variantId }) => Number(variantId));
		const ours = await products.addInternal({ ...tent, value: `TENT-${erp.channelId}` });
		await products.link(ours, theirs[0].id, theirs[0].variantId);
		const customer = await newCustomer(erp.client);
		const partners = erp.tell('business-partner');
		const partner = await partners.addInternal({ value: `CLUB-${erp.channelId}`, name: 'Kayak Club' });
		await partners.link(partner, String(customer['party']));
		const sell = (...lines: SoldLine[]) => addQuotation(erp.client, lines, customer);
		await sell({ product: variants[0]!, quantity: 1, price: '50' });
		await erp.run('full');
		await receiveOrders(world.db, erp.channelId);
		return {
			erp,
			products,
			ours,
			partner,
			sell,
			tent: variants[0]!,
			rope: variants[1]!,
			ropeKey: theirs[1],
			waiting: () => waitingAt(world.db, erp.channelId),
			order: async (at = 0) => (await erp.internal((await erp.links())[at]?.internalId ?? '')) ?? {},
			asked: async () =>
				(await erp.conflicts())
					.filter(({ state }) => state === 'open')
					.map(({ field }) => field)
					.toSorted(),
			confirm: async (...fields: string[]) => confirmChanges(world.db, (await erp.links())[0]!, fields)
		};
	}

	/** Further runs write nothing, by Tryton's own account, and leave the links as they are. */
	async function expectQuiet(erp: TrytonChannel) {
		await erp.run();
		const [dates, links] = [await erp.writeDates(), await erp.links()];
		await erp.run();
		await erp.run('full');
		expect({ dates: await erp.writeDates(), links: await erp.links() }).toEqual({ dates, links });
	}

	it('come from the start moment on, whole; one with an unknown product waits for it', async () => {
		const at = await office();
		const { erp } = at;
		const id = await at.sell(
			{ product: at.tent, quantity: 2, price: '45.5' },
			{ product: at.rope, quantity: 12, price: '1.0125' },
			{ text: 'Freight', quantity: 1, price: '9' },
			{ text: 'Club discount', quantity: -1, price: '5' }
		);
		await erp.run();
		expect(await erp.links()).toEqual([]);
		expect(await at.waiting()).toEqual([`${id} waits for product ${at.ropeKey.id}/${at.rope}`]);

		const rope = await at.products.addInternal({ value: `ROPE-${erp.channelId}`, name: 'Rope' });
		await at.products.link(rope, at.ropeKey.id, at.ropeKey.variantId);
		await erp.run();
		expect(await at.waiting()).toEqual([]);
		expect(await erp.links()).toMatchObject([{ externalId: String(id), status: 'in-sync' }]);
		const { number } = await erp.client.one('sale.sale', [['id', '=', id]], ['number']);
		const order = await at.order();
		expect(order).toMatchObject({ value: number, name: 'Kayak Club', status: 'quotation', currency: 'EUR' });
		expect(order['business_partner']).toBe(at.partner);
		expect(Number(order['total'])).toBe(91 + 12.15 + 9 - 5);
		expect(parseLines(order['lines'] ?? null)).toMatchObject([
			{ product: at.ours, quantity: '2', unit: 'u', price: '45.5', amount: '91' },
			{ product: rope, quantity: '12', price: '1.0125', amount: '12.15' },
			{ product: null, text: 'Freight', amount: '9' },
			{ product: null, text: 'Club discount', quantity: '-1', amount: '-5' }
		]);
		await expectQuiet(erp);
	});

	it('come with the tax that Tryton works out, to the cent; a tax that is changed there later asks first', async () => {
		const at = await office();
		const { erp } = at;
		const [full, reduced] = await addTaxes(erp.client, '0.19', '0.07');
		const id = await at.sell(
			// Tryton rounds a tax once for the whole sale: 19 % of 0.39, of 136.65 and of -5.01 are 25.0857.
			...[1, 2, 3].map(() => ({ text: 'Peg', quantity: 1, price: '0.13', taxes: [full!] })),
			{ product: at.tent, quantity: 3, price: '45.55', taxes: [full!] },
			{ text: 'Club discount', quantity: -1, price: '5.01', taxes: [full!] },
			{ text: 'Freight', quantity: 1, price: '9.05', taxes: [reduced!] },
			{ text: 'Deposit', quantity: 1, price: '20' }
		);
		await erp.run();
		expect(await at.waiting()).toEqual([]);
		expect(await erp.links()).toMatchObject([{ externalId: String(id), status: 'in-sync' }]);
		const amounts = async () => {
			const { tax, total } = await at.order();
			return { tax: Number(tax), total: Number(total) };
		};
		expect(await amounts()).toEqual({ tax: 25.72, total: 186.8 });
		await expectQuiet(erp);

		const freight = [
			['sale', '=', id],
			['description', '=', 'Freight']
		];
		const { id: line } = await erp.client.one('sale.line', freight, ['id']);
		await erp.client.write('sale.line', Number(line), { taxes: [['remove', [reduced]]] });
		await erp.run();
		expect(await at.asked()).toEqual(['tax', 'total']);
		expect(await amounts()).toEqual({ tax: 25.72, total: 186.8 });
		await at.confirm('tax', 'total');
		await erp.run();
		expect(await amounts()).toEqual({ tax: 25.09, total: 186.17 });
		await expectQuiet(erp);
	});

	it('take our status by the steps of Tryton; where it goes on by itself, that is confirmed by a person', async () => {
		const at = await office();
		const { erp } = at;
		const id = await at.sell({ product: at.tent, quantity: 1, price: '50' });
		await erp.run();
		const [link] = await erp.links();
		await erp.editInternal(link?.internalId ?? '', { status: 'confirmed' });
		await erp.runUntil(async () => (await stateOf(erp.client, id)) === 'processing');
		await erp.run();
		expect(await at.order()).toMatchObject({ status: 'confirmed' });
		expect(await at.asked()).toEqual(['status']);
		await at.confirm('status');
		await erp.run();
		expect(await at.order()).toMatchObject({ status: 'processing' });
		expect(await erp.links()).toMatchObject([{ status: 'in-sync', problem: null }]);
		await expectQuiet(erp);

		await erp.editInternal(link?.internalId ?? '', { status: 'cancelled' });
		await erp.runUntil(async () => (await erp.links())[0]?.problem !== null);
		expect(await stateOf(erp.client, id)).toBe('processing');
		expect((await erp.links())[0]?.problem).toMatchObject({
			message: expect.stringContaining('no step from "processing" to "cancelled"') as string
		});
	});

	it('that are changed or cancelled there later ask first, a line that was written by itself too; one that is deleted there stays', async () => {
		const at = await office();
		const { erp } = at;
		const id = await at.sell({ product: at.tent, quantity: 1, price: '50' });
		await erp.run();
		const { id: line } = await erp.client.one('sale.line', [['sale', '=', id]], ['id']);
		const before = await erp.client.writeDates('sale.sale');
		await erp.client.write('sale.line', Number(line), { quantity: 3 });
		expect((await erp.client.writeDates('sale.sale'))[id], 'the sale itself has no new stamp').toBe(before[id]);
		await erp.run();
		expect(await at.asked()).toEqual(['lines', 'total']);
		expect(Number((await at.order())['total'])).toBe(50);
		await at.confirm('lines', 'total');
		await erp.run();
		expect(Number((await at.order())['total'])).toBe(150);

		await erp.client.call('sale.sale.cancel', [id]);
		await erp.run();
		expect(await at.order()).toMatchObject({ status: 'quotation' });
		expect(await at.asked()).toEqual(['status']);
		await at.confirm('status');
		await erp.run();
		expect(await at.order()).toMatchObject({ status: 'cancelled' });
		await expectQuiet(erp);

		const both = await at.sell({ product: at.tent, quantity: 1, price: '50' });
		await erp.run();
		const link = (await erp.links()).find(({ externalId }) => externalId === String(both));
		await erp.editInternal(link?.internalId ?? '', { status: 'confirmed' });
		await erp.client.call('sale.sale.cancel', [both]);
		await erp.run();
		expect(await at.asked(), 'changed on both sides').toEqual(['status']);
		expect(await erp.internal(link?.internalId ?? '')).toMatchObject({ status: 'confirmed' });
		expect(await stateOf(erp.client, both)).toBe('cancelled');

		await erp.client.remove('sale.sale', id);
		await erp.run('full');
		expect(await erp.linkState((await erp.links())[0]?.id ?? '')).toMatchObject({ status: 'orphan' });
		expect(await at.order(), 'ours stays').toMatchObject({ status: 'cancelled' });
	});

	it('whose parts do not come to the total are held until they do', async () => {
		const at = await office();
		const { erp } = at;
		const id = await at.sell({ product: at.tent, quantity: 1, price: '50' });
		await erp.client.call('sale.sale.cancel', [id]);
		const wrong = {
			total_amount_cache: decimal('50.01'),
			untaxed_amount_cache: decimal('50'),
			tax_amount_cache: decimal('0')
		};
		await erp.client.write('sale.sale', id, wrong);
		await erp.run();
		expect(await erp.links()).toEqual([]);
		expect(await at.waiting()).toEqual([`${id} waits for held:sales-order ${id}`]);
		await erp.client.write('sale.sale', id, { total_amount_cache: decimal('50') });
		await erp.run();
		expect(await at.waiting()).toEqual([]);
		expect(await at.order()).toMatchObject({ status: 'cancelled' });
		await expectQuiet(erp);
	});
});
