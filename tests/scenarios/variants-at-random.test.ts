import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { seededRandom } from '../simulation/random.ts';
import { addErp } from './fake-erp.ts';
import { createWorld } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

/** Where the name of a variant, or of what it shares, is typed. */
type Place = 'product' | 'parent' | 'template';

/** A template there and its first variant, both linked; a second variant comes and goes. */
async function family() {
	const policy = { conflict: 'ask', firstContact: 'ask' } as const;
	const at = await addErp(world, { policy });
	const { id: template, variants } = await at.template('Tent', 'RED');
	const product = await at.linked('RED', template, variants[0]!);
	const second = await at.addVariant(template, 'BLUE');
	const parent = await at.parentOf(template);
	await at.runBoth('full');
	let sibling: number | null = second;
	let number = 0;
	return {
		...at,
		names: async (): Promise<Record<Place, unknown>> => ({
			product: (await at.products.internal(product.id))?.['name'],
			parent: (await at.parents.internal(parent.id))?.['name'],
			template: await at.nameOf(template)
		}),
		hasSibling: () => sibling !== null,
		async comeOrGo() {
			if (sibling === null) sibling = await at.addVariant(template, `BLUE-${(number += 1)}`);
			else {
				await at.client.remove('product.product', sibling);
				sibling = null;
			}
		},
		async rename(place: Place, name: string) {
			if (place === 'product') await at.products.editInternal(product.id, { name });
			else if (place === 'parent') await at.parents.editInternal(parent.id, { name });
			else await at.client.write('product.template', template, { name });
		}
	};
}

type Family = Awaited<ReturnType<typeof family>>;

/** The names that were typed and are at no other place yet: as long as that is so, nobody may overwrite them. */
function watch(at: Family) {
	const typed = new Map<Place, string>();
	return {
		typed,
		async check() {
			const names = await at.names();
			for (const [place, name] of typed) {
				const elsewhere = Object.entries(names).some(([other, held]) => other !== place && held === name);
				if (elsewhere) typed.delete(place);
				else expect(names[place], `what was typed at the ${place}`).toBe(name);
			}
		}
	};
}

it.each([1, 2, 3, 4, 5, 6])('variants that come and go lose no name, and rest in the end (seed %i)', async (seed) => {
	const random = seededRandom(seed);
	const at = await family();
	const { typed, check } = watch(at);
	try {
		for (let act = 0; act < 24; act++) {
			const mode = random.pick(['incremental', 'full'] as const);
			const what = random.int(7);
			if (what < 3) {
				const place = random.pick(['product', 'parent', 'template'] as const);
				const name = `Name ${seed}.${act}`;
				await at.rename(place, name);
				typed.set(place, name);
			} else if (what === 3) await at.comeOrGo();
			else await (what < 6 ? at.products : at.parents).run(mode);
			await check();
		}
		for (let again = 0; again < 3; again++) {
			await at.runBoth('full');
			await check();
		}
		expect(await at.writesDuring(() => at.runBoth('full'))).toBe(0);
		const names = await at.names();
		const carrier = at.hasSibling() ? at.parents : at.products;
		const open = (await carrier.conflicts()).filter(({ state }) => state === 'open');
		expect(open.length > 0 || names[at.hasSibling() ? 'parent' : 'product'] === names.template).toBe(true);
		const statuses = [...(await at.products.links()), ...(await at.parents.links())].map(({ status }) => status);
		expect(statuses.filter((status) => status === 'failed' || status === 'quarantined')).toEqual([]);
	} finally {
		await at.fake.stop();
	}
});
