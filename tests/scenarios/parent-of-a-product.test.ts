import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultEntities } from '#src/engine/connectors/memory/options.ts';
import { product } from '#src/entities/product/index.ts';
import { createPeopleStore } from '#src/store/people.ts';
import { saveChannelEntity } from '#src/store/save-channel-entity.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, storyOf } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

const operator = { actor: { name: 'ann@example.org' }, via: 'web' as const };

describe('the parent of a product at a channel that tells it for each', () => {
	/** A channel in memory with two parents on both sides, and a product there that is a variant of the first. */
	async function shop(ourParent: 'first' | 'none') {
		number += 1;
		const products = await world.addChannel(
			`variant-shop-${number}`,
			{ entities: ['product', 'product-parent'], policy: { firstContact: 'ask' } },
			{
				entities: {
					product: [...(defaultEntities['product'] ?? []), { name: 'parent', type: 'reference' }],
					'product-parent': [
						{ name: 'value', type: 'text' },
						{ name: 'name', type: 'text' }
					]
				}
			}
		);
		const { channelId, memory } = products;
		const parents = storyOf(world.db, world.engine, channelId, memory, 'product-parent');
		const pair = async (name: string) => {
			const fields = { value: `${name}-${number}`, name };
			const [ours, theirs] = [await parents.addInternal(fields), memory.add('product-parent', fields)];
			await parents.link(ours, theirs);
			return { ours, theirs };
		};
		const [first, second] = [await pair('FIRST'), await pair('SECOND')];
		const plain = { value: `RED-${number}`, name: 'Red', price: '1', is_active: true };
		const id = await products.addInternal({ ...plain, parent: ourParent === 'first' ? first.ours : null });
		const externalId = memory.add('product', { ...plain, parent: first.theirs });
		// A person's rules for other fields leave the one for this as it is.
		const policy = { fields: { name: { conflict: 'ask' as const } } };
		const saved = saveChannelEntity(world.db, { channelId, entity: 'product', settingsRev: 1, policy, ...operator });
		expect(await saved).toMatchObject({ ok: true });
		const linkId = await products.link(id, externalId);
		await products.run();
		return { products, memory, first, second, id, externalId, linkId };
	}

	it('is filled in here where nobody said one', async () => {
		const { products, first, id, linkId } = await shop('none');
		expect((await products.internal(id))?.['parent']).toBe(first.ours);
		expect(await products.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	});

	it('is taken over when it changes there once a person confirms it', async () => {
		const { products, memory, first, second, id, externalId, linkId } = await shop('first');
		memory.edit('product', externalId, { parent: second.theirs });
		await products.run();
		expect((await products.internal(id))?.['parent']).toBe(first.ours);
		expect(await products.conflicts()).toMatchObject([{ field: 'parent', state: 'open', rule: 'ask: confirm' }]);
		const rev = (await world.store.readLink({ entity: product, linkId }))?.internal?.rev ?? '';
		const screen = { internalRev: rev, externalVersion: (await products.linkState(linkId))?.externalVersion ?? '' };
		const choice = { entity: 'product', linkId, choices: { parent: 'external' as const } };
		const people = createPeopleStore(world.db);
		expect(await people.resolveConflicts({ ...choice, ...screen, ...operator })).toMatchObject({ ok: true });
		await products.run();
		expect((await products.internal(id))?.['parent']).toBe(second.ours);
		expect(await products.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	});
});
