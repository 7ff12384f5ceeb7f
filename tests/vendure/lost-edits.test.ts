import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { whyNoVendure } from './install.mjs';
import { addProducts, updateVariant } from './rig.ts';
import { startVendure, type VendureServer } from './server.ts';
import { createVendureWorld, productOf, type VendureStory, writes } from './world.ts';

const reason = whyNoVendure();
const pairs = 16;

/**
 * What the plugin is for: people edit the same field of the same products there while ours are on their way. An edit
 * is lost where neither side, nor the journal, nor a conflict knows its value.
 */
describe.skipIf(reason).for([true, false])(
	`edits that race with ours, with the plugin: %s${reason ? ` (not run: ${reason})` : ''}`,
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

		async function linked(count: number) {
			const shop = await world.addChannel({ policy: { conflict: 'internal-wins' } });
			const records = Array.from({ length: count }, (_, at) => ({
				value: `RACE-${shop.channelId}-${at}`,
				name: 'Tent',
				description: null,
				price: '1'
			}));
			const externals = await addProducts(shop.client, records);
			const products = [];
			for (const [at, fields] of records.entries()) {
				const { id, variantId } = externals[at]!;
				const internalId = await shop.addInternal(fields);
				await shop.link(internalId, id, variantId);
				products.push({ internalId, variantId, theirs: `${7000 + at}.11` });
			}
			await shop.run('full');
			return { shop, products };
		}

		type Pair = { internalId: string; variantId: string; theirs: string };
		const edit = (shop: VendureStory, { variantId, theirs }: Pair) =>
			updateVariant(shop.client, {
				id: variantId,
				prices: [{ currencyCode: 'EUR', price: Math.round(Number(theirs) * 100) }]
			});

		/** Edits there that nobody knows of any more. */
		async function lostOf(shop: VendureStory, products: readonly Pair[]): Promise<number> {
			for (let run = 0; run < 4; run += 1) {
				await shop.passTime();
				await shop.run(run === 3 ? 'full' : 'incremental');
			}
			const values = await Promise.all(products.map(({ variantId }) => productOf(shop.client, variantId)));
			const known = JSON.stringify([values, await shop.journal(), await shop.conflicts()]);
			return products.filter(({ theirs }) => !known.includes(theirs)).length;
		}

		it('at the worst moment, right before our write', async () => {
			const { shop, products } = await linked(1);
			const [pair] = products;
			await shop.editInternal(pair!.internalId, { price: '55' });
			world.hooks.before = async (call) => {
				if (!writes(call)) return;
				world.hooks.before = undefined;
				await edit(shop, pair!);
			};
			await shop.run();
			expect(world.hooks.before).toBeUndefined();
			expect(await lostOf(shop, products)).toBe(plugin ? 0 : 1);
		});

		it(`at any moment: ${pairs} edits while ${pairs} of ours are sent`, async () => {
			const { shop, products } = await linked(pairs);
			for (const { internalId } of products) await shop.editInternal(internalId, { price: '55' });
			const run = shop.run();
			for (const pair of products) {
				await edit(shop, pair);
				await delay(Math.random() * 10);
			}
			await run;
			const lost = await lostOf(shop, products);
			console.log(`${plugin ? 'with' : 'without'} the plugin, ${lost} of ${pairs} edits there were lost`);
			if (plugin) expect(lost).toBe(0);
			else expect(lost).toBeLessThan(pairs);
		}, 180_000);
	}
);
