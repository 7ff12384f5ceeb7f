import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import { whyNoTryton } from './install.mjs';
import { startTryton, type TrytonServer } from './server.ts';
import { addProduct, createTrytonWorld } from './world.ts';

const reason = whyNoTryton();

describe.skipIf(reason)(`creating in and from a real Tryton${reason ? ` (not run: ${reason})` : ''}`, () => {
	let server: TrytonServer;
	let world: Awaited<ReturnType<typeof createTrytonWorld>>;
	const creating = { autoCreateExternal: true, autoCreateInternal: true };

	beforeAll(async () => {
		server = await startTryton();
		world = await createTrytonWorld(server);
	});
	afterAll(async () => {
		await world?.close();
		await server?.stop();
	});

	const ours = async (table: string) =>
		(await world.db.execute<{ value: string }>(sql`select value from ${sql.identifier(table)} order by value`)).map(
			(row) => row.value
		);

	it('new products go both ways once, and never come back', async () => {
		const erp = await world.addChannel(creating);
		await erp.run();
		const mine = await erp.addInternal({ value: 'MINE', name: 'Stove', price: '50', gtin: '96385074' });
		await addProduct(erp.client, { value: 'THEIRS', name: 'Lamp', price: '20' });
		await erp.run();
		await erp.run('full');
		expect(await ours('m_product')).toEqual(['MINE', 'THEIRS']);
		const codes = await erp.client.call<{ code: string }[]>(
			'product.product.search_read',
			[],
			0,
			null,
			[['code', 'ASC']],
			['code']
		);
		expect(codes.map(({ code }) => code)).toEqual(['MINE', 'THEIRS']);
		const links = await erp.links();
		expect(links.map(({ status }) => status)).toEqual(['in-sync', 'in-sync']);
		expect(links.some(({ internalId }) => internalId === mine)).toBe(true);
		for (let cycle = 0; cycle < 3; cycle += 1) {
			const before = await erp.writeDates();
			await erp.run(cycle === 1 ? 'full' : 'incremental');
			expect(await erp.writeDates()).toEqual(before);
		}
		expect(await ours('m_product')).toHaveLength(2);
	});

	it('new partners go both ways once, with their contacts', async () => {
		const erp = await world.addChannel(creating, 'business-partner');
		await erp.run();
		await erp.addInternal({
			value: 'MINE',
			name: 'Ski Club',
			email: 'club@ski.example',
			phone: '+49 30 901820',
			tax_id: 'DE136695976'
		});
		const mechanisms = [['create', [{ type: 'email', value: 'hut@alm.example' }]]];
		await erp.client.create('party.party', { code: 'THEIRS', name: 'Alm', contact_mechanisms: mechanisms });
		await erp.run();
		await erp.run('full');
		const created = await erp.client.one(
			'party.party',
			[['code', '=', 'MINE']],
			['name', 'email', 'phone', 'tax_identifier.code']
		);
		expect(created).toMatchObject({
			name: 'Ski Club',
			email: 'club@ski.example',
			phone: '+4930901820',
			'tax_identifier.': { code: 'DE136695976' }
		});
		const [theirs] = await world.db.execute(sql`select name, email from c_bpartner where value = 'THEIRS'`);
		expect(theirs).toEqual({ name: 'Alm', email: 'hut@alm.example' });
		const before = {
			dates: await erp.writeDates(),
			parties: await erp.client.count('party.party'),
			ours: await ours('c_bpartner')
		};
		await erp.run();
		await erp.run('full');
		expect({
			dates: await erp.writeDates(),
			parties: await erp.client.count('party.party'),
			ours: await ours('c_bpartner')
		}).toEqual(before);
	});

	it('a create whose answer was lost is found again by its reference', async () => {
		const erp = await world.addChannel({ autoCreateExternal: true });
		await erp.run();
		const mine = await erp.addInternal({ value: 'LOST', name: 'Stove', price: '50' });
		world.hooks.after = async ({ method }) => {
			if (method !== 'model.product.template.create') return;
			world.hooks.after = undefined;
			throw new ConnectorError('unreachable', { hint: 'The connection was lost.' });
		};
		await erp.run();
		expect(world.hooks.after, 'the answer was lost').toBeUndefined();
		await erp.passTime();
		await erp.run();
		await erp.run('full');
		expect(await erp.client.count('product.product', [['code', '=', 'LOST']])).toBe(1);
		const links = (await erp.links()).filter(({ internalId }) => internalId === mine);
		expect(links).toMatchObject([{ status: 'in-sync' }]);
	});
});
