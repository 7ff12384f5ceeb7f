import { z } from 'zod';
import { canonical, type Value } from '#src/sync/fields.ts';
import type { ExternalRecord, FieldCodec } from '../connector.ts';
import { normalForms, readable } from '../readable.ts';
import { createProduct } from './create-product.ts';
import {
	customFieldOf,
	idText,
	isListedId,
	laterOf,
	referenceOf,
	stampSchema,
	type VendureEntity,
	type VendureRow,
	versionOf
} from './entity.ts';
import { normalPrice, priceOf } from './money.ts';
import { planEach } from './planned-write.ts';
import { parsed } from './reply-error.ts';
import { referenceField, type VendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';
import { planProduct, renamedProducts } from './update-product.ts';

const customFields = z.record(z.string(), z.unknown()).nullable().optional();
const productSchema = z.object({
	id: idText,
	updatedAt: stampSchema,
	translations: z.array(
		z.object({ languageCode: z.string(), name: z.string(), slug: z.string(), description: z.string() })
	),
	variantList: z.object({ totalItems: z.number().int() })
});
const variantSchema = z.object({
	id: idText,
	updatedAt: stampSchema,
	sku: z.string(),
	enabled: z.boolean(),
	prices: z.array(z.object({ currencyCode: z.string(), price: z.number() })),
	translations: z.array(z.object({ languageCode: z.string(), name: z.string() })),
	customFields,
	product: productSchema
});
const parentSchema = productSchema.extend({ variants: z.array(z.record(z.string(), z.unknown())) });

export type RawVariant = z.output<typeof variantSchema>;

/** What a variant holds in one language and currency, without what other languages and currencies say. */
export const variantState = z.object({
	variant: z.object({
		sku: z.string(),
		enabled: z.boolean(),
		customFields: z.record(z.string(), z.string().nullable())
	}),
	variantTranslation: z.object({ languageCode: z.string(), name: z.string().nullable() }),
	productTranslation: z.object({
		languageCode: z.string(),
		name: z.string().nullable(),
		description: z.string().nullable()
	}),
	price: z.object({ currencyCode: z.string(), price: z.number().nullable() })
});
export type VariantState = z.output<typeof variantState>;

export type ProductRow = VendureRow & { raw: RawVariant; state: VariantState };

/**
 * A product of ours is a variant of Vendure, which holds SKU, price, name and whether it is sold; only the description
 * is its product's. A variant that has siblings only shows it: they share it, and their product carries it as a parent product.
 */
export function productEntity(settings: VendureSettings, from: string): VendureEntity<ProductRow> {
	const codecs = productFields(settings);
	const { gtinField } = settings;
	const row = (raw: unknown, server: VendureServer) => productRow(readVariant(raw, from), codecs, settings, server);
	const byGtin = (condition: object) => (gtinField === undefined ? [] : [{ [gtinField]: condition }]);
	return {
		type: 'ProductVariant',
		fields: codecs,
		stampCovers: codecs.map(({ name }) => name),
		fingerprint: `vendure/product/2/${settings.language}/${settings.currency ?? ''}/${settings.priceDecimals}/${gtinField ?? ''}`,
		list: 'productVariants',
		optionsType: 'ProductVariantListOptions',
		selection: (server) => variantSelection(settings, server),
		rows: (raw, server) => [row(raw, server)],
		isGuarded: ({ hasPlugin }) => hasPlugin,
		listedId: ({ id, variantId }) => (isListedId(id) && isListedId(variantId) ? variantId : null),
		withCode: (text) => [{ sku: { eq: text } }, ...byGtin({ eq: text })],
		matching: (pattern) => [
			{ sku: { contains: pattern } },
			{ name: { contains: pattern } },
			...byGtin({ contains: pattern })
		],
		parents: {
			list: 'products',
			optionsType: 'ProductListOptions',
			// Vendure does not show the product of a variant of a product whole: its texts are missing there.
			selection: (server) => `${productSelection} variants { ${ownSelection(settings, server)} }`,
			rows(raw, server) {
				const { variants, ...product } = parsed(parentSchema, raw, from, 'products');
				return { stamp: product.updatedAt, rows: variants.map((variant) => row({ ...variant, product }, server)) };
			}
		},
		creating: {
			isPossible: ({ references, isDefaultCurrency }) =>
				references.has('ProductVariant') && references.has('Product') && isDefaultCurrency,
			async create({ reference, fields, server }, api, options) {
				const selection = variantSelection(settings, server);
				const input = { reference, normal: normalForms(codecs, fields), settings, server, selection };
				return row(await createProduct(input, api, options), server);
			}
		},
		async planUpdates(inputs, api, options) {
			const updates = inputs.map(({ row: before, fields, server, guarded }) => {
				return { before, normal: normalForms(codecs, fields), settings, server, guarded };
			});
			const renamed = await renamedProducts(updates, api, options);
			return planEach(updates, (update) => {
				const { raw } = update.before;
				return planProduct(update, renamed.has(raw.product.id), from, (state) =>
					fieldsOf(state, raw, codecs, settings)
				);
			});
		}
	};
}

/** A variant read with `variantSelection`. Throws `invalid-reply`. */
export function readVariant(raw: unknown, from: string): RawVariant {
	return parsed(variantSchema, raw, from, 'productVariants');
}

function productFields({ priceDecimals, gtinField }: VendureSettings): readonly FieldCodec[] {
	const text = (value: Value) => canonical('text', value);
	const gtin: FieldCodec[] =
		gtinField === undefined ? [] : [{ name: 'gtin', type: 'text', label: gtinField, normal: text }];
	return [
		{ name: 'value', type: 'text', label: 'SKU', normal: text },
		{ name: 'name', type: 'text', label: 'Name', normal: text },
		{ name: 'description', type: 'text', label: 'Description', normal: text },
		...gtin,
		{ name: 'parent', type: 'text', label: 'Product', normal: text, readOnly: true },
		{ name: 'price', type: 'decimal', label: 'Price', normal: (value) => normalPrice(value, priceDecimals) },
		{ name: 'is_active', type: 'boolean', label: 'Enabled', normal: (value) => canonical('boolean', value) }
	];
}

export const productTexts = 'id updatedAt translations { languageCode name slug description }';
const productSelection = `${productTexts} variantList { totalItems }`;

export function variantSelection(settings: VendureSettings, server: VendureServer): string {
	return `${ownSelection(settings, server)} product { ${productSelection} }`;
}

/** What is read of a variant besides its product. */
export function ownSelection({ gtinField }: VendureSettings, { references }: VendureServer): string {
	const custom = [...(references.has('ProductVariant') ? [referenceField] : []), ...(gtinField ? [gtinField] : [])];
	const customFields = custom.length > 0 ? `customFields { ${custom.join(' ')} }` : '';
	return `id updatedAt sku enabled prices { currencyCode price } translations { languageCode name } ${customFields}`;
}

function productRow(
	raw: RawVariant,
	codecs: readonly FieldCodec[],
	settings: VendureSettings,
	server: VendureServer
): ProductRow {
	const state = stateOf(raw, settings, server);
	const record: ExternalRecord = {
		id: raw.product.id,
		variantId: raw.id,
		version: server.hasPlugin ? versionOf(state) : null,
		stamp: laterOf(raw.updatedAt, raw.product.updatedAt),
		...fieldsOf(state, raw, codecs, settings),
		shownOnly: [hasSiblings(raw) ? 'description' : 'parent'],
		reference: referenceOf(raw.customFields),
		...(settings.dashboardUrl !== undefined && { url: `${settings.dashboardUrl}/product-variants/${raw.id}` })
	};
	return { record, state, raw };
}

/** Whether its product has other variants. */
export function hasSiblings({ product }: RawVariant): boolean {
	return product.variantList.totalItems > 1;
}

/** What a variant holds in the language of the settings and the currency of the server. */
export function stateOf(
	raw: RawVariant,
	{ language, gtinField }: VendureSettings,
	{ currency }: VendureServer
): VariantState {
	const own = raw.translations.find(({ languageCode }) => languageCode === language);
	const parent = raw.product.translations.find(({ languageCode }) => languageCode === language);
	const price = raw.prices.find(({ currencyCode }) => currencyCode === currency);
	return {
		variant: {
			sku: raw.sku,
			enabled: raw.enabled,
			customFields: gtinField === undefined ? {} : { [gtinField]: customFieldOf(raw.customFields, gtinField) }
		},
		variantTranslation: { languageCode: language, name: own?.name ?? null },
		productTranslation: {
			languageCode: language,
			name: parent?.name ?? null,
			description: parent?.description ?? null
		},
		price: { currencyCode: currency, price: price?.price ?? null }
	};
}

/** Where a text is not there in the language of the channel, Vendure shows another one, and so do we. */
function fieldsOf(state: VariantState, raw: RawVariant, codecs: readonly FieldCodec[], settings: VendureSettings) {
	const { variant, variantTranslation, productTranslation, price } = state;
	const amount = price.price === null ? { value: null } : priceOf(price.price, settings.priceDecimals);
	const values: Record<string, Value> = {
		value: variant.sku,
		name: variantTranslation.name ?? raw.translations[0]?.name ?? null,
		description: productTranslation.description ?? raw.product.translations[0]?.description ?? null,
		gtin: customFieldOf(variant.customFields, settings.gtinField),
		parent: hasSiblings(raw) ? raw.product.id : null,
		is_active: variant.enabled
	};
	if ('value' in amount) return readable(codecs, { ...values, price: amount.value });
	const { fields, unreadable } = readable(codecs, values);
	return { fields, unreadable: { ...unreadable, price: amount.unreadable } };
}
