import { z } from 'zod';
import type { Fields, Value } from '#src/sync/fields.ts';
import type { CallOptions } from '../connector.ts';
import type { AdminApi } from './admin-api.ts';
import { idText } from './entity.ts';
import { guardedWrite, moved } from './guarded-write.ts';
import { minorUnits } from './money.ts';
import type { Mutation, PlannedWrite } from './planned-write.ts';
import { hasSiblings, type RawVariant, type VariantState, variantState } from './product.ts';
import { parsed } from './reply-error.ts';
import type { VendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';

/** A variant as it was read. */
type ChangedVariant = { raw: RawVariant; state: VariantState };

export type ProductUpdate = {
	before: ChangedVariant;
	normal: Readonly<Record<string, Value>>;
	settings: VendureSettings;
	server: VendureServer;
	guarded: boolean;
};

type FieldsOf = (state: VariantState) => { fields: Fields } | null;

/**
 * The write of a variant, and of its product where the description, or the name of an only variant, is among the fields. Our
 * plugin does both in one transaction; without it the variant comes first. Throws `conflict`, `rejected`.
 */
export function planProduct(
	input: ProductUpdate,
	namesProduct: boolean,
	from: string,
	fieldsOf: FieldsOf
): PlannedWrite {
	// A sibling came after it was read: it shares the description.
	if (hasSiblings(input.before.raw) && input.normal['description'] !== undefined) throw moved(from);
	return planPatches(input, patchesOf(input, namesProduct), from, fieldsOf);
}

/** The write of a product with several variants, one of which it was read with. Throws as `planProduct`. */
export function planParent(input: ProductUpdate, from: string, fieldsOf: FieldsOf): PlannedWrite {
	const { before, normal, settings } = input;
	const texts = {
		...(normal['name'] !== undefined && { name: normal['name'] }),
		...(normal['description'] !== undefined && { description: normal['description'] ?? '' })
	};
	const product = { id: before.raw.product.id, translations: [translationOf(before, settings, texts)] };
	return planPatches(input, { variant: { id: before.raw.id }, product }, from, fieldsOf);
}

function planPatches(
	{ before, server, guarded }: ProductUpdate,
	{ variant, product }: { variant: Patch; product: Patch },
	from: string,
	fieldsOf: FieldsOf
): PlannedWrite {
	if (server.hasPlugin) {
		const write = {
			field: 'channelMappingUpdateProduct',
			types: { variant: 'UpdateProductVariantInput!', product: 'UpdateProductInput!' },
			values: { variant, product }
		};
		return guardedWrite(write, { state: before.state, guarded }, from, { schema: variantState, fieldsOf });
	}
	return {
		mutations: [
			...(Object.keys(variant).length > 1 ? [variantMutation(variant)] : []),
			...(Object.keys(product).length > 1 ? [productMutation(product)] : [])
		]
	};
}

function productMutation(input: Patch): Mutation {
	return { field: 'updateProduct', types: { input: 'UpdateProductInput!' }, values: { input }, selection: 'id' };
}

/** Vendure's own write of a variant. */
export function variantMutation(input: Patch): Mutation {
	const types = { input: '[UpdateProductVariantInput!]!' };
	return { field: 'updateProductVariants', types, values: { input: [input] }, selection: 'id' };
}

type Patch = { id: string } & Record<string, unknown>;

function patchesOf(input: ProductUpdate, namesProduct: boolean): { variant: Patch; product: Patch } {
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
	if (normal['name'] !== undefined && namesProduct) texts['name'] = normal['name'];
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

const countsSchema = z.object({
	found: z.object({ items: z.array(z.object({ id: idText, variantList: z.object({ totalItems: z.number() }) })) })
});

/**
 * Ids of the products that are renamed with their variant: those with a single one of the same name, since the shop shows
 * the name of the product.
 */
export async function renamedProducts(
	updates: readonly Pick<ProductUpdate, 'before' | 'normal'>[],
	api: AdminApi,
	options?: CallOptions
): Promise<ReadonlySet<string>> {
	const alike = updates.filter(({ before: { state }, normal }) => {
		const name = state.productTranslation.name;
		return normal['name'] !== undefined && name !== null && name === state.variantTranslation.name;
	});
	const ids = [...new Set(alike.map(({ before }) => before.raw.product.id))];
	if (ids.length === 0) return new Set();
	const document = `query ChannelMappingVariantCounts($options: ProductListOptions) {
		found: products(options: $options) { items { id variantList { totalItems } } }
	}`;
	const variables = { options: { filter: { id: { in: ids } }, take: ids.length } };
	const data = await api.ask({ document, purpose: 'read' }, variables, options);
	const { items } = parsed(countsSchema, data, api.from, 'the question for variants').found;
	return new Set(items.filter(({ variantList }) => variantList.totalItems === 1).map(({ id }) => id));
}
