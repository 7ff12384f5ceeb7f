import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { whyNoVendure } from './install.mjs';
import { addProducts } from './rig.ts';
import { startVendure, type VendureServer } from './server.ts';
import { createVendureWorld, isSettled, productOf, type VendureStory, writes } from './world.ts';

const reason = whyNoVendure();

describe.skipIf(reason).for([true, false])(
	`many edits at once with a real Vendure, with the plugin: %s${reason ? ` (not run: ${reason})` : ''}`,
	(plugin) => {
		let server: VendureServer;
		let world: Awaited<ReturnType<typeof createVendureWorld>>;

		beforeAll(async () => {
			server = await startVendure(inject('templateUrl'), { plugin });
			world = await createVendureWorld(server);
		});
		afterAll(async () => {
			await world?.close();
			await server?.stop();
		});

		/** Linked pairs that agree, with descriptions of 5 kB. */
		async function linkedPairs(count: number, code: string) {
			const shop = await world.addChannel();
			const records = Array.from({ length: count }, (_, at) => ({
				...{ value: `${code}-${plugin ? 'A' : 'B'}${at}`, name: `Tent ${at}`, price: '100' },
				description: 'Two persons. '.repeat(400)
			}));
			const externals = await addProducts(shop.client, records);
			const pairs: Pair[] = [];
			for (const [at, { id, variantId }] of externals.entries()) {
				const internalId = await shop.addInternal(records[at]!);
				pairs.push({ internalId, variantId, linkId: await shop.link(internalId, id, variantId) });
			}
			await shop.runUntil(() => allSettled(shop, pairs), 'full');
			return { shop, pairs };
		}

		it('arrive in as few calls as are safe, and one that is refused costs only itself', async () => {
			const { shop, pairs } = await linkedPairs(12, 'MANY');
			const [nameless, ...others] = pairs;
			// Vendure has no product without a name.
			await shop.editInternal(nameless!.internalId, { name: ' ' });
			for (const { internalId } of others) await shop.editInternal(internalId, { price: '55', name: 'Yurt' });
			const before = world.calls.length;
			expect((await shop.run()).counts).toMatchObject({ pushed: 11, failed: 1 });
			// With the plugin all in one; without, each variant and each product.
			const sent = world.calls.slice(before).filter(writes);
			expect(sent).toHaveLength(plugin ? 1 : 1 + 2 * others.length);
			expect(await allSettled(shop, others)).toBe(true);
			for (const { variantId } of others)
				expect(await productOf(shop.client, variantId)).toMatchObject({
					price: '55',
					name: 'Yurt',
					productName: 'Yurt'
				});
			expect((await shop.linkState(nameless!.linkId))?.problem).toMatchObject({ kind: 'rejected' });
			expect(await productOf(shop.client, nameless!.variantId)).toMatchObject({ price: '100', name: 'Tent 0' });

			await shop.editInternal(nameless!.internalId, { name: 'Hut' });
			await shop.runUntil(() => allSettled(shop, pairs));
			await world.expectQuiet(shop);
		});

		it('are no larger than what the server takes; a single one that is says so', async () => {
			const { shop, pairs } = await linkedPairs(2, 'LARGE');
			const [first, second] = pairs;
			for (const { internalId } of pairs) await shop.editInternal(internalId, { description: 'x'.repeat(70_000) });
			await shop.runUntil(() => allSettled(shop, pairs));
			await shop.editInternal(first!.internalId, { description: 'y'.repeat(150_000) });
			await shop.editInternal(second!.internalId, { price: '7' });
			await shop.runUntil(async () => (await shop.linkState(first!.linkId))?.problem != null);
			expect((await shop.linkState(first!.linkId))?.problem).toMatchObject({
				kind: 'rejected',
				message: expect.stringMatching(/larger than the 100 kB/) as string
			});
			await shop.runUntil(async () => isSettled(await shop.linkState(second!.linkId)));
			expect(await productOf(shop.client, second!.variantId)).toMatchObject({ price: '7' });
		});
	}
);

type Pair = { internalId: string; variantId: string; linkId: string };

async function allSettled(shop: VendureStory, pairs: readonly Pair[]): Promise<boolean> {
	const links = await Promise.all(pairs.map(({ linkId }) => shop.linkState(linkId)));
	return links.every(isSettled);
}
