import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unlinkRecords } from '#src/store/unlink-records.ts';
import type { ChannelSetUp } from '../scenarios/world.ts';
import { decimal } from './client.ts';
import { whyNoTryton } from './install.mjs';
import { startTryton, type TrytonServer } from './server.ts';
import { addProduct, createTrytonWorld, productOf, type TrytonStory } from './world.ts';

const reason = whyNoTryton();

describe.skipIf(reason)(`stories with a real Tryton${reason ? ` (not run: ${reason})` : ''}`, () => {
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

	/** A channel of its own with one linked pair that agrees. */
	async function linkedPair(set: ChannelSetUp = {}) {
		number += 1;
		const erp = await world.addChannel(set);
		const fields = { value: `TENT-${number}`, name: 'Tent', description: null, price: '100' };
		const external = await addProduct(erp.client, fields);
		const internalId = await erp.addInternal(fields);
		const linkId = await erp.link(internalId, external.id, external.variantId);
		expect(await erp.run('full')).toMatchObject({ state: 'succeeded' });
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync', problem: null });
		return { erp, internalId, external, linkId };
	}

	/** Further runs write nothing, by Tryton's own account, and leave the links as they are. */
	async function expectQuiet(erp: TrytonStory) {
		const before = { dates: await erp.writeDates(), links: await erp.links() };
		await erp.run();
		await erp.run('full');
		expect({ dates: await erp.writeDates(), links: await erp.links() }).toEqual(before);
	}

	it('what we edit arrives in Tryton, once', async () => {
		const { erp, internalId, external, linkId } = await linkedPair();
		await erp.editInternal(internalId, {
			name: 'Zelt „Nord“',
			price: '12.5',
			gtin: '4006381333931',
			is_active: 'false'
		});
		const run = await erp.runUntil(async () => (await productOf(erp.client, external.id))['price'] === '12.5');
		expect(run).toMatchObject({ state: 'succeeded', counts: { pushed: 1 } });
		expect(await productOf(erp.client, external.id)).toMatchObject({ name: 'Zelt „Nord“', is_active: false });
		const ean = await erp.client.one(
			'product.identifier',
			[['product', '=', Number(external.variantId)]],
			['code', 'type']
		);
		expect(ean).toMatchObject({ code: '4006381333931', type: 'ean' });
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync', pendingWrite: null, unconfirmed: [] });
		await expectQuiet(erp);
	});

	it('what we edit in several products leaves in one call, and what Tryton refuses costs only itself', async () => {
		number += 1;
		const erp = await world.addChannel();
		const products: { internalId: string; id: string; linkId: string }[] = [];
		for (const letter of ['A', 'B', 'C', 'D']) {
			const fields = { value: `SET-${number}-${letter}`, name: 'Set 1', description: null, price: '5' };
			const { id, variantId } = await addProduct(erp.client, fields);
			const internalId = await erp.addInternal(fields);
			products.push({ internalId, id, linkId: await erp.link(internalId, id, variantId) });
		}
		// One stamp for all, so that on SQLite all may be written from the same moment on.
		const ids = products.map(({ id }) => Number(id));
		await erp.client.call('product.template.write', ids, { name: 'Set 1' });
		await erp.run('full');
		const names = () => Promise.all(products.map(async ({ id }) => (await productOf(erp.client, id))['name']));
		const rename = async (name: string) => {
			world.calls.length = 0;
			for (const { internalId } of products) await erp.editInternal(internalId, { name });
		};
		await rename('Set 2');
		await erp.runUntil(async () => (await names()).every((name) => name === 'Set 2'));
		expect(world.calls.filter(({ method }) => method === 'model.product.template.write')).toHaveLength(1);
		await expectQuiet(erp);

		const [taken, ...others] = products;
		await addProduct(erp.client, { value: `TAKEN-${number}`, name: 'Another', description: null, price: '1' });
		await erp.editInternal(taken?.internalId ?? '', { value: `TAKEN-${number}` });
		await rename('Set 3');
		await erp.runUntil(async () => (await names()).filter((name) => name === 'Set 3').length === 3);
		expect(await erp.linkState(taken?.linkId ?? '')).toMatchObject({
			status: 'failed',
			problem: { kind: 'duplicate' }
		});
		for (const { linkId } of others) expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	});

	it('what is edited in Tryton arrives here, on the template and on the variant', async () => {
		const { erp, internalId, external } = await linkedPair();
		await erp.client.write('product.template', Number(external.id), { list_price: decimal('89.5') });
		await erp.client.write('product.product', Number(external.variantId), { description: 'Two persons' });
		expect((await erp.run()).counts).toMatchObject({ pulled: 1 });
		expect(await erp.internal(internalId)).toMatchObject({ price: '89.500000', description: 'Two persons' });
		await expectQuiet(erp);
	});

	it('edits of different fields on both sides both survive', async () => {
		const { erp, internalId, external } = await linkedPair();
		await erp.editInternal(internalId, { name: 'Ours' });
		await erp.client.write('product.template', Number(external.id), { list_price: decimal('77') });
		await erp.runUntil(async () => (await productOf(erp.client, external.id))['name'] === 'Ours');
		expect(await productOf(erp.client, external.id)).toMatchObject({ name: 'Ours', price: '77' });
		expect(await erp.internal(internalId)).toMatchObject({ name: 'Ours', price: '77.000000' });
		await expectQuiet(erp);
	});

	describe('the same field edited on both sides', () => {
		async function clash(set: ChannelSetUp, first: 'ours' | 'theirs') {
			const pair = await linkedPair(set);
			const { erp, internalId, external } = pair;
			const edits = [
				() => erp.editInternal(internalId, { name: 'Ours' }),
				() => erp.client.write('product.template', Number(external.id), { name: 'Theirs' })
			];
			if (first === 'theirs') edits.reverse();
			await edits[0]?.();
			// More than the uncertainty of a clock that is only known from the Date header.
			if (set.policy === undefined) await new Promise((resolve) => setTimeout(resolve, 2200));
			await edits[1]?.();
			return pair;
		}

		it.each([
			['newest-wins takes theirs when it is newer', {}, 'ours', 'Theirs', 'newest-wins'],
			['newest-wins keeps ours when it is newer', {}, 'theirs', 'Ours', 'newest-wins'],
			['internal-wins keeps ours', { policy: { conflict: 'internal-wins' } }, 'ours', 'Ours', 'internal-wins'],
			['external-wins takes theirs', { policy: { conflict: 'external-wins' } }, 'theirs', 'Theirs', 'external-wins']
		] as const)('%s, and the other value is kept in the journal', async (_, set, first, winner, rule) => {
			const { erp, internalId, external } = await clash(set, first);
			await erp.runUntil(
				async () => (await productOf(erp.client, external.id))['name'] === (await erp.internal(internalId))?.['name']
			);
			expect((await erp.internal(internalId))?.['name']).toBe(winner);
			expect(await erp.conflicts()).toMatchObject([
				{ field: 'name', state: 'settled', rule, internal: 'Ours', external: 'Theirs' }
			]);
			const lost = winner === 'Ours' ? 'Theirs' : 'Ours';
			expect((await erp.journal()).flatMap(({ changes }) => changes)).toContainEqual(
				expect.objectContaining({ after: winner, lost })
			);
			await expectQuiet(erp);
		});

		it('ask touches neither side and waits for a person', async () => {
			const { erp, internalId, external } = await clash({ policy: { conflict: 'ask' } }, 'ours');
			await erp.run();
			expect(await erp.conflicts()).toMatchObject([
				{ field: 'name', state: 'open', internal: 'Ours', external: 'Theirs' }
			]);
			expect((await erp.internal(internalId))?.['name']).toBe('Ours');
			expect((await productOf(erp.client, external.id))['name']).toBe('Theirs');
			await expectQuiet(erp);
		});
	});

	it('a product deleted in Tryton becomes an orphan, and ours stays', async () => {
		const { erp, internalId, external, linkId } = await linkedPair();
		await erp.client.remove('product.template', Number(external.id));
		await erp.run('full');
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'orphan', problem: { kind: 'missing-external' } });
		expect(await erp.internal(internalId)).toMatchObject({ name: 'Tent', is_active: true });
		await expectQuiet(erp);
	});

	it('a product archived in Tryton is archived here, not missing', async () => {
		const { erp, internalId, external, linkId } = await linkedPair();
		const products = [['write', [Number(external.variantId)], { active: false }]];
		await erp.client.write('product.template', Number(external.id), { active: false, products });
		await erp.run();
		expect(await erp.internal(internalId)).toMatchObject({ is_active: false });
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync' });
		await expectQuiet(erp);
	});

	it('a link that ends during a run is not written to, and not asked for again', async () => {
		const { erp, internalId, external, linkId } = await linkedPair({
			autoCreateExternal: true,
			autoCreateInternal: true
		});
		await erp.runUntil(async () => true);
		await erp.editInternal(internalId, { name: 'Never sent' });
		// The push of the last change is due: the run reads the record to write it, and there the link ends.
		await new Promise((resolve) => setTimeout(resolve, 2100));
		world.hooks.after = async ({ method, params }) => {
			if (method !== 'model.product.product.search_read' || !names(params, external.variantId)) return;
			world.hooks.after = undefined;
			const person = { actor: { name: 'operator' }, via: 'web' } as const;
			expect(await unlinkRecords(world.db, { ...person, entity: 'product', linkId })).toMatchObject({ ok: true });
		};
		const dates = await erp.writeDates();
		const count = await erp.client.count('product.template');
		await erp.run();
		expect(world.hooks.after, 'the link ended during the run').toBeUndefined();
		const later = world.calls.length;
		for (const mode of ['incremental', 'full', 'incremental'] as const) await erp.run(mode);
		const asked = world.calls.slice(later).filter(({ params }) => names(params, external.variantId));
		expect(asked).toEqual([]);
		expect(await erp.writeDates()).toEqual(dates);
		expect(await erp.client.count('product.template')).toBe(count);
		expect((await productOf(erp.client, external.id))['name']).toBe('Tent');
		expect(await erp.linkState(linkId)).toBeNull();
	});

	it('a wrong password stops the run, says what to renew, and is not tried twice in it', async () => {
		const { erp } = await linkedPair();
		await world.db.execute(sql`
			update c_channel set credentials = '{"password":"wrong"}' where id = ${erp.channelId}::bigint`);
		const before = world.calls.length;
		const run = await erp.run();
		expect(run).toMatchObject({ state: 'failed', problem: { kind: 'unauthorized' } });
		expect(run.problem?.hint).toMatch(/Renew the password/);
		expect(world.calls.slice(before).map(({ method }) => method)).toEqual(['common.db.login']);
	});
});

/** Whether a call asks for this variant by its id. */
function names(params: readonly unknown[], variantId: string): boolean {
	return JSON.stringify(params[0] ?? null).includes(`["id","in",[${variantId}]]`);
}
