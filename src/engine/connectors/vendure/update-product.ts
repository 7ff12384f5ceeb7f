import { z } from 'zod';
import type { Fields, Value } from '#src/sync/fields.ts';
import type { CallOptions, WriteReply } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { AdminApi } from './admin-api.ts';
import { guardedWrite, moved } from './guarded-write.ts';
import { halfWritten } from './half-written.ts';
import { minorUnits } from './money.ts';
import { hasSiblings, type RawVariant, type VariantState, variantState } from './product.ts';
import { parsed } from './reply-error.ts';
import type { VendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';

/** A variant as it was read. */
type ChangedVariant = { raw: RawVariant; state: VariantState };

type ProductUpdate = {
	before: ChangedVariant;
	normal: Readonly<Record<string, Value>>;
	settings: VendureSettings;
	server: VendureServer;
	guarded: boolean;
};

/** What a write could not tell: the engine reads it. */
const untold: WriteReply = { version: null, stamp: null, fields: null };

/**
 * Writes a variant, and its product where the description, or the name of an only variant, is among the fields. Our
 * plugin does both in one transaction; without it the variant comes first, and a failure after it counts as unknown.
 */
export async function updateProduct(
	input: ProductUpdate,
	api: AdminApi,
	options: CallOptions | undefined,
	fieldsOf: (state: VariantState) => { fields: Fields }
): Promise<WriteReply> {
	// A sibling came after it was read: it shares the description.
	if (hasSiblings(input.before.raw) && input.normal['description'] !== undefined) throw moved(api.from);
	return writePatches(input, await patchesOf(input, api, options), api, options, fieldsOf);
}

/** Writes a product with several variants, one of which it was read with. Throws as `updateProduct`. */
export async function updateParent(
	input: ProductUpdate,
	api: AdminApi,
	options: CallOptions | undefined,
	fieldsOf: (state: VariantState) => { fields: Fields }
): Promise<WriteReply> {
	const { before, normal, settings } = input;
	const texts = {
		...(normal['name'] !== undefined && { name: normal['name'] }),
		...(normal['description'] !== undefined && { description: normal['description'] ?? '' })
	};
	const product = { id: before.raw.product.id, translations: [translationOf(before, settings, texts)] };
	return writePatches(input, { variant: { id: before.raw.id }, product }, api, options, fieldsOf);
}

async function writePatches(
	{ before, server, guarded }: ProductUpdate,
	{ variant, product }: { variant: Patch; product: Patch },
	api: AdminApi,
	options: CallOptions | undefined,
	fieldsOf: (state: VariantState) => { fields: Fields }
): Promise<WriteReply> {
	if (server.hasPlugin) {
		const variables = { check: guarded, state: before.state, variant, product };
		return guardedWrite(productMutation, variables, api, options, { schema: variantState, fieldsOf });
	}
	const writes = [
		...(Object.keys(variant).length > 1 ? [{ document: variantDocument, variables: { input: variant } }] : []),
		...(Object.keys(product).length > 1 ? [{ document: productDocument, variables: { input: product } }] : [])
	];
	for (const [at, { document, variables }] of writes.entries()) {
		await api.ask({ document, purpose: 'write' }, variables, options).catch((error: unknown) => {
			throw at > 0 && error instanceof ConnectorError ? halfWritten(api, error) : error;
		});
	}
	return untold;
}

const variantDocument = `mutation ChannelMappingUpdateVariant($input: UpdateProductVariantInput!) {
	updateProductVariants(input: [$input]) { id }
}`;
const productDocument = `mutation ChannelMappingUpdateProduct($input: UpdateProductInput!) {
	updateProduct(input: $input) { id }
}`;
const productMutation = `mutation ChannelMappingUpdate(
	$check: Boolean!, $state: JSON!, $variant: UpdateProductVariantInput!, $product: UpdateProductInput!
) {
	write: channelMappingUpdateProduct(check: $check, state: $state, variant: $variant, product: $product) {
		outcome updatedAt state
	}
}`;

type Patch = { id: string } & Record<string, unknown>;

async function patchesOf(
	input: ProductUpdate,
	api: AdminApi,
	options?: CallOptions
): Promise<{ variant: Patch; product: Patch }> {
	const { before, normal, settings, server } = input;
	const { language: languageCode, gtinField, priceDecimals } = settings;
	const variant: Patch = { id: before.raw.id };
	if (normal['value'] !== undefined) variant['sku'] = normal['value'];
	if (normal['is_active'] !== undefined) variant['enabled'] = normal['is_active'];
	if (normal['name'] !== undefined) variant['translations'] = [{ languageCode, name: normal['name'] }];
	if (normal['price'] !== undefined)
		variant['prices'] = [{ currencyCode: server.currency, price: minorUnits(normal['price'], priceDecimals) }];
	if (normal['gtin'] !== undefined && gtinField !== undefined)
		variant['customFields'] = { [gtinField]: normal['gtin'] };

	const texts: Record<string, unknown> = {};
	if (normal['description'] !== undefined) texts['description'] = normal['description'] ?? '';
	if (normal['name'] !== undefined && (await namesItsProduct(before, api, options))) texts['name'] = normal['name'];
	if (Object.keys(texts).length === 0) return { variant, product: { id: before.raw.product.id } };
	return { variant, product: { id: before.raw.product.id, translations: [translationOf(before, settings, texts)] } };
}

function translationOf(before: ChangedVariant, { language }: VendureSettings, texts: object): Record<string, unknown> {
	return { languageCode: language, ...newTranslation(before), ...texts };
}

/** What the product's first text in this language must have besides. */
function newTranslation({ state, raw }: ChangedVariant): Record<string, unknown> {
	if (state.productTranslation.name !== null) return {};
	const shown = raw.product.translations[0];
	return { name: shown?.name ?? raw.sku, slug: shown?.slug ?? raw.sku, description: shown?.description ?? '' };
}

/** A product with a single variant of the same name is renamed with it: the shop shows the name of the product. */
async function namesItsProduct({ state, raw }: ChangedVariant, api: AdminApi, options?: CallOptions): Promise<boolean> {
	const name = state.productTranslation.name;
	if (name === null || name !== state.variantTranslation.name) return false;
	const document = `query ChannelMappingVariantCount($id: ID!) { product(id: $id) { variantList { totalItems } } }`;
	const data = await api.ask({ document, purpose: 'read' }, { id: raw.product.id }, options);
	const schema = z.object({ product: z.object({ variantList: z.object({ totalItems: z.number() }) }).nullable() });
	return parsed(schema, data, api.from, 'the question for variants').product?.variantList.totalItems === 1;
}
