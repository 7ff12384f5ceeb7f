import type { Fields } from '#src/sync/fields.ts';
import type { Rig } from '../conformance/exercise-connector.ts';
import type { VendureClient } from './client.ts';
import { createEach, language, rigBase, type RunningVendure, updateProduct } from './rig.ts';

/** Edits products with two variants as users of Vendure would. */
export function parentRig(running: RunningVendure): Rig {
	const { client } = running;
	return {
		...rigBase(running),
		seed: async (records) => (await addParents(client, records)).map(({ id }) => ({ id, variantId: '' })),
		async edit(key, fields) {
			await updateProduct(client, { id: key.id, translations: [{ languageCode: language, ...texts(fields) }] });
		},
		async remove(key) {
			await client.call('mutation ($id: ID!) { deleteProduct(id: $id) { result } }', { id: key.id });
		}
	};
}

/** Adds products with two variants each, which differ in an option; their ids in the same order. */
export async function addParents(client: VendureClient, records: readonly Fields[]) {
	const products = await createEach<{ id: string }>(
		client,
		'createProduct',
		'CreateProductInput',
		records.map((fields) => ({
			translations: [{ languageCode: language, description: '', slug: String(fields['name']), ...texts(fields) }]
		})),
		'id'
	);
	const named = (code: string) => ({ code, translations: [{ languageCode: language, name: code }] });
	const groups = await createEach<{ id: string; options: { id: string }[] }>(
		client,
		'createProductOptionGroup',
		'CreateProductOptionGroupInput',
		products.map(({ id }) => ({ ...named(`size-${id}`), options: [named('small'), named('large')] })),
		'id options { id }'
	);
	for (const [at, { id }] of products.entries()) await addOptionGroup(client, id, groups[at]?.id ?? '');
	const variants = products.flatMap(({ id }, at) =>
		(groups[at]?.options ?? []).map((option, nth) => ({
			productId: id,
			sku: `${String(records[at]?.['name'])}-${nth}`,
			price: 100,
			optionIds: [option.id],
			translations: [{ languageCode: language, name: `${String(records[at]?.['name'])} ${nth}` }]
		}))
	);
	const { createProductVariants: made } = await client.call<{ createProductVariants: { id: string }[] }>(
		'mutation ($input: [CreateProductVariantInput!]!) { createProductVariants(input: $input) { id } }',
		{ input: variants }
	);
	return products.map(({ id }, at) => ({ id, variants: made.slice(2 * at, 2 * at + 2).map((variant) => variant.id) }));
}

async function addOptionGroup(client: VendureClient, productId: string, optionGroupId: string): Promise<void> {
	await client.call(
		`mutation ($productId: ID!, $optionGroupId: ID!) {
			addOptionGroupToProduct(productId: $productId, optionGroupId: $optionGroupId) { id }
		}`,
		{ productId, optionGroupId }
	);
}

function texts(fields: Fields) {
	return {
		...('name' in fields && { name: fields['name'] }),
		...('description' in fields && { description: fields['description'] ?? '' })
	};
}
