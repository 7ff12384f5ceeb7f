import { z } from 'zod';
import type { Value } from '#src/sync/fields.ts';
import type { CallOptions } from '../connector.ts';
import type { AdminApi } from './admin-api.ts';
import { minorUnits } from './money.ts';
import { parsed } from './reply-error.ts';
import { referenceField, type VendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';
import { idText } from './entity.ts';

type NewProduct = {
	reference: string;
	normal: Readonly<Record<string, Value>>;
	settings: VendureSettings;
	server: VendureServer;
	/** What to read of the new variant. */
	selection: string;
};

const createdVariant = z.object({ created: z.unknown() });
const createdVariants = z.object({ created: z.tuple([z.unknown()]) });
const createdProduct = z.object({ created: z.object({ id: idText }) });
const foundProducts = z.object({
	found: z.object({ items: z.array(z.object({ id: idText, variantList: z.object({ totalItems: z.number() }) })) })
});

/**
 * Makes a product with one variant, both with the reference, and answers the variant as Vendure shows it. Our plugin
 * makes them in one transaction. Without it the product comes first, and one that a broken create left behind is used
 * again: no try leaves a second one.
 */
export async function createProduct(input: NewProduct, api: AdminApi, options?: CallOptions): Promise<unknown> {
	const { product, variant } = inputsOf(input);
	if (input.server.hasPlugin) {
		const document = `mutation ChannelMappingCreate($product: CreateProductInput!, $variant: CreateProductVariantInput!) {
			created: channelMappingCreateProduct(product: $product, variant: $variant) { ${input.selection} }
		}`;
		const variables = { product, variant: { ...variant, productId: '0' } };
		const data = await api.ask({ document, purpose: 'write', creates: true }, variables, options);
		return parsed(createdVariant, data, api.from, 'a create').created;
	}
	const productId = await productFor(input.reference, product, api, options);
	const document = `mutation ChannelMappingCreateVariant($variant: CreateProductVariantInput!) {
		created: createProductVariants(input: [$variant]) { ${input.selection} }
	}`;
	const variables = { variant: { ...variant, productId } };
	const data = await api.ask({ document, purpose: 'write', creates: true }, variables, options);
	return parsed(createdVariants, data, api.from, 'a create').created[0];
}

/** Id of a product without variants that has these values and the reference. */
async function productFor(reference: string, product: object, api: AdminApi, options?: CallOptions): Promise<string> {
	const left = await unfinished(reference, api, options);
	const verb = left === undefined ? 'create' : 'update';
	const type = left === undefined ? 'CreateProductInput' : 'UpdateProductInput';
	const document = `mutation ChannelMappingProduct($product: ${type}!) { created: ${verb}Product(input: $product) { id } }`;
	const variables = { product: left === undefined ? product : { ...product, id: left } };
	const data = await api.ask({ document, purpose: 'write', creates: true }, variables, options);
	return parsed(createdProduct, data, api.from, 'a create').created.id;
}

async function unfinished(reference: string, api: AdminApi, options?: CallOptions): Promise<string | undefined> {
	const document = `query ChannelMappingUnfinished($options: ProductListOptions) {
		found: products(options: $options) { items { id variantList { totalItems } } }
	}`;
	const variables = { options: { filter: { [referenceField]: { eq: reference } }, sort: { id: 'ASC' }, take: 10 } };
	const data = await api.ask({ document, purpose: 'read' }, variables, options);
	const { items } = parsed(foundProducts, data, api.from, 'a search').found;
	return items.find(({ variantList }) => variantList.totalItems === 0)?.id;
}

function inputsOf({ reference, normal, settings }: NewProduct) {
	const { language: languageCode, gtinField, priceDecimals } = settings;
	const { value = null, name = null, description = null, gtin = null, price = null, is_active = true } = normal;
	return {
		product: {
			enabled: true,
			translations: [{ languageCode, name, slug: slugOf(`${name} ${value}`), description: description ?? '' }],
			customFields: { [referenceField]: reference }
		},
		variant: {
			sku: value,
			enabled: is_active,
			price: minorUnits(price, priceDecimals),
			translations: [{ languageCode, name }],
			customFields: { [referenceField]: reference, ...(gtinField !== undefined && { [gtinField]: gtin }) }
		}
	};
}

/** The last part of a product's address in the shop; Vendure adds a number where it is taken. */
function slugOf(text: string): string {
	const plain = text
		.normalize('NFKD')
		.replace(/\p{M}+/gu, '')
		.toLowerCase();
	return (
		plain
			.replace(/[^a-z0-9]+/g, '-')
			.replace(/^-|-$/g, '')
			.slice(0, 100) || 'product'
	);
}
