import type { Fields } from '#src/sync/fields.ts';
import type { Rig } from '../conformance/exercise-connector.ts';
import type { VendureClient } from './client.ts';
import { addProducts, cents, createEach, language, rigBase, type RunningVendure, updateVariant } from './rig.ts';

/** Edits collections as users of Vendure would. */
export function categoryRig(running: RunningVendure): Rig {
	const { client } = running;
	return {
		...rigBase(running),
		seed: (records) => addCollections(client, records),
		edit: (key, fields) => updateCollection(client, { id: key.id, ...collectionInput(fields) }),
		async remove(key) {
			await client.call('mutation ($id: ID!) { deleteCollection(id: $id) { result } }', { id: key.id });
		}
	};
}

/** Edits stock locations as users of Vendure would. */
export function warehouseRig(running: RunningVendure): Rig {
	const { client } = running;
	return {
		...rigBase(running),
		seed: (records) => addLocations(client, records),
		async edit(key, fields) {
			const input = { id: key.id, ...locationInput(fields) };
			await client.call('mutation ($input: UpdateStockLocationInput!) { updateStockLocation(input: $input) { id } }', {
				input
			});
		},
		remove: (key) => removeLocation(client, key.id)
	};
}

/** Edits what variants have on hand at the first location; `value` is the SKU. */
export function stockLevelRig(running: RunningVendure): Rig {
	const { client } = running;
	const levels = (locationId: string, { available = '0' }: Fields) => ({
		stockLevels: [{ stockLocationId: locationId, stockOnHand: Number(available) }]
	});
	return {
		...rigBase(running),
		async seed(records) {
			const locationId = await firstLocation(client);
			const named = records.map((fields) => ({ ...fields, name: 'Tent' }));
			const keys = await addProducts(client, named, (fields) => levels(locationId, fields));
			return keys.map(({ variantId }) => ({ id: variantId, variantId: locationId }));
		},
		edit: (key, fields) => updateVariant(client, { id: key.id, ...levels(key.variantId, fields) }),
		remove: (key) => removeProductOf(client, key.id)
	};
}

/** Edits prices of variants in the default currency; `value` is the SKU. */
export function productPriceRig(running: RunningVendure): Rig {
	const { client } = running;
	return {
		...rigBase(running),
		async seed(records) {
			const keys = await addProducts(
				client,
				records.map((fields) => ({ ...fields, name: 'Tent' }))
			);
			return keys.map(({ variantId }) => ({ id: variantId, variantId: 'EUR' }));
		},
		edit: (key, fields) =>
			updateVariant(client, { id: key.id, prices: [{ currencyCode: key.variantId, price: cents(fields['price']) }] }),
		remove: (key) => removeProductOf(client, key.id)
	};
}

/** Adds collections; their keys in the same order. */
export async function addCollections(client: VendureClient, records: readonly Fields[]) {
	const inputs = records.map((fields) => ({ filters: [], ...collectionInput(fields) }));
	const made = await createEach<{ id: string }>(client, 'createCollection', 'CreateCollectionInput', inputs, 'id');
	return made.map(({ id }) => ({ id, variantId: '' }));
}

export async function updateCollection(client: VendureClient, input: object): Promise<void> {
	await client.call('mutation ($input: UpdateCollectionInput!) { updateCollection(input: $input) { id } }', { input });
}

/** Adds stock locations; their keys in the same order. */
export async function addLocations(client: VendureClient, records: readonly Fields[]) {
	const inputs = records.map(locationInput);
	const made = await createEach<{ id: string }>(
		client,
		'createStockLocation',
		'CreateStockLocationInput',
		inputs,
		'id'
	);
	return made.map(({ id }) => ({ id, variantId: '' }));
}

export async function removeLocation(client: VendureClient, id: string): Promise<void> {
	const document = 'mutation ($input: DeleteStockLocationInput!) { deleteStockLocation(input: $input) { result } }';
	await client.call(document, { input: { id } });
}

/** Id of the location that a shop starts with. */
export async function firstLocation(client: VendureClient): Promise<string> {
	const { list } = await client.call<{ list: { items: { id: string }[] } }>(
		'{ list: stockLocations(options: { take: 1, sort: { id: ASC } }) { items { id } } }'
	);
	return list.items[0]?.id ?? '';
}

/** Deletes the product of a variant. */
export async function removeProductOf(client: VendureClient, variantId: string): Promise<void> {
	const { list } = await client.call<{ list: { items: { product: { id: string } }[] } }>(
		'query ($options: ProductVariantListOptions) { list: productVariants(options: $options) { items { product { id } } } }',
		{ options: { filter: { id: { in: [variantId] } } } }
	);
	const id = list.items[0]?.product.id;
	await client.call('mutation ($id: ID!) { deleteProduct(id: $id) { result } }', { id });
}

function collectionInput(fields: Fields) {
	const texts = {
		...('name' in fields && { name: fields['name'] }),
		...('value' in fields && { slug: fields['value'], description: '' })
	};
	return {
		...('is_active' in fields && { isPrivate: fields['is_active'] === false }),
		...('parent' in fields && { parentId: fields['parent'] }),
		...(Object.keys(texts).length > 0 && { translations: [{ languageCode: language, ...texts }] })
	};
}

function locationInput(fields: Fields) {
	return {
		...('name' in fields && { name: fields['name'] }),
		...('value' in fields && { customFields: { placeNumber: fields['value'] } })
	};
}
