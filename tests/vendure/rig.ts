import { vendure } from '#src/engine/connectors/vendure/index.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import type { Rig } from '../conformance/exercise-connector.ts';
import type { VendureClient, VendureLogin } from './client.ts';

/** A running Vendure, real or fake, with a client of the tests. */
export type RunningVendure = VendureLogin & { client: VendureClient; pass?(ms: number): Promise<void> };

export const language = 'en';

/** Edits products of a Vendure as its users would: the variants of one call share one stamp. */
export function productRig(running: RunningVendure): Rig {
	const { client } = running;
	return {
		...rigBase(running),
		seed: (records) => addProducts(client, records),
		async edit(key, fields) {
			const variant = {
				id: key.variantId,
				...('value' in fields && { sku: fields['value'] }),
				...('name' in fields && { translations: [{ languageCode: language, name: fields['name'] }] }),
				...('price' in fields && { prices: [{ currencyCode: 'EUR', price: cents(fields['price']) }] }),
				...('is_active' in fields && { enabled: fields['is_active'] })
			};
			if (Object.keys(variant).length > 1) await updateVariant(client, variant);
			if (!('description' in fields)) return;
			const translations = [{ languageCode: language, description: fields['description'] ?? '' }];
			await updateProduct(client, { id: key.id, translations });
		},
		async remove(key) {
			await client.call('mutation Remove($id: ID!) { deleteProduct(id: $id) { result } }', { id: key.id });
		}
	};
}

/** Edits customers of a Vendure as its users would. */
export function customerRig(running: RunningVendure): Rig {
	const { client } = running;
	return {
		...rigBase(running),
		async seed(records) {
			const selection = '__typename ... on Customer { id }';
			const inputs = records.map(customerInput);
			const made = await createEach<{ id: string }>(client, 'createCustomer', 'CreateCustomerInput', inputs, selection);
			return made.map(({ id }) => ({ id, variantId: '' }));
		},
		async edit(key, fields) {
			const { customFields: _, ...values } = customerInput(fields);
			await updateCustomer(client, { id: key.id, ...values });
		},
		async remove(key) {
			await client.call('mutation Remove($id: ID!) { deleteCustomer(id: $id) { result } }', { id: key.id });
		}
	};
}

/** What all rigs on this server have in common. */
export function rigBase({ url, user, password, pass }: RunningVendure) {
	return {
		connector: vendure,
		settings: {
			url,
			language,
			gtinField: 'ean',
			customerCodeField: 'customerNumber',
			taxIdField: 'vatNumber',
			warehouseCodeField: 'placeNumber',
			dashboardUrl: 'https://shop.example.com/dashboard'
		},
		credentials: { user, password },
		wrongCredentials: { user: 'nobody-here', password: 'not the password' },
		...(pass && { pass })
	};
}

/** Adds products with one variant each, as users of Vendure would; their keys in the same order. */
export async function addProducts(
	client: VendureClient,
	records: readonly Fields[],
	more: (fields: Fields) => object = () => ({})
) {
	const inputs = records.map((fields) => {
		const slug = String(fields['value']);
		const translations = [
			{ languageCode: language, name: fields['name'], slug, description: fields['description'] ?? '' }
		];
		return { translations };
	});
	const products = await createEach<{ id: string }>(client, 'createProduct', 'CreateProductInput', inputs, 'id');
	const variants = records.map((fields, at) => ({
		productId: products[at]?.id,
		sku: fields['value'],
		price: cents(fields['price'] ?? '1'),
		enabled: fields['is_active'] ?? true,
		translations: [{ languageCode: language, name: fields['name'] }],
		...more(fields)
	}));
	const { made } = await client.call<{ made: { id: string; product: { id: string } }[] }>(
		'mutation Add($input: [CreateProductVariantInput!]!) { made: createProductVariants(input: $input) { id product { id } } }',
		{ input: variants }
	);
	// Vendure answers them in any order.
	const variantOf = new Map(made.map((variant) => [variant.product.id, variant.id]));
	return products.map(({ id }) => ({ id, variantId: variantOf.get(id) ?? '' }));
}

/** Many creates in few calls; one after the other there, each in its own transaction. */
export async function createEach<Made>(
	client: VendureClient,
	mutation: string,
	type: string,
	inputs: readonly object[],
	selection: string
): Promise<Made[]> {
	const made: Made[] = [];
	for (let start = 0; start < inputs.length; start += 50) {
		const some = inputs.slice(start, start + 50);
		const variables = Object.fromEntries(some.map((input, at) => [`i${at}`, input]));
		const declared = some.map((_, at) => `$i${at}: ${type}!`).join(', ');
		const fields = some.map((_, at) => `m${at}: ${mutation}(input: $i${at}) { ${selection} }`).join(' ');
		made.push(
			...Object.values(await client.call<Record<string, Made>>(`mutation (${declared}) { ${fields} }`, variables))
		);
	}
	return made;
}

export async function updateVariant(client: VendureClient, input: object): Promise<void> {
	await client.call(
		'mutation Edit($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }',
		{
			input: [input]
		}
	);
}

export async function updateProduct(client: VendureClient, input: object): Promise<void> {
	await client.call('mutation Edit($input: UpdateProductInput!) { updateProduct(input: $input) { id } }', { input });
}

export async function addCustomer(client: VendureClient, fields: Fields): Promise<string> {
	const { createCustomer } = await client.call<{ createCustomer: { id?: string; __typename: string } }>(
		'mutation Add($input: CreateCustomerInput!) { createCustomer(input: $input) { __typename ... on Customer { id } } }',
		{ input: customerInput(fields) }
	);
	if (createCustomer.id === undefined) throw new Error(createCustomer.__typename);
	return createCustomer.id;
}

export async function updateCustomer(client: VendureClient, input: object): Promise<void> {
	await client.call('mutation Edit($input: UpdateCustomerInput!) { updateCustomer(input: $input) { __typename } }', {
		input
	});
}

function customerInput(fields: Fields) {
	const name = typeof fields['name'] === 'string' ? fields['name'].split(' ') : undefined;
	return {
		...('email' in fields && { emailAddress: fields['email'] }),
		...(name && { firstName: name.slice(0, -1).join(' '), lastName: name.at(-1) ?? '' }),
		...('phone' in fields && { phoneNumber: fields['phone'] }),
		...('value' in fields && { customFields: { customerNumber: fields['value'] } })
	};
}

export function cents(price: Value | undefined): number {
	return Math.round(Number(price) * 100);
}
