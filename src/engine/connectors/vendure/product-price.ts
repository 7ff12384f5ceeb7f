import { canonical } from '#src/sync/fields.ts';
import type { ExternalRecord, FieldCodec } from '../connector.ts';
import { normalForms, readable } from '../readable.ts';
import { isListedId, type VendureEntity, type VendureRow, versionOf } from './entity.ts';
import { refuseOtherKey } from './fixed-key.ts';
import { normalPrice, priceOf } from './money.ts';
import { planEach } from './planned-write.ts';
import { type RawVariant, readVariant, stateOf, type VariantState, variantSelection } from './product.ts';
import type { VendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';
import { planProduct } from './update-product.ts';

type PriceRow = VendureRow & { raw: RawVariant; state: VariantState };

/**
 * The price of a product in a list is what a variant costs in one currency of the Vendure channel: the lists are its currencies. A
 * price that is not there has no place for a reference, so that none is created.
 */
export function productPriceEntity(settings: VendureSettings, from: string): VendureEntity<PriceRow> {
	const codecs = codecsOf(settings);
	const inCurrency = (server: VendureServer, currency: string): VendureServer => ({ ...server, currency });
	const rowOf = (raw: RawVariant, currency: string, server: VendureServer): PriceRow => {
		const state = stateOf(raw, withoutCustom(settings), inCurrency(server, currency));
		const record: ExternalRecord = {
			id: raw.id,
			variantId: currency,
			version: server.hasPlugin ? versionOf(state) : null,
			stamp: raw.updatedAt,
			...fieldsOf(state, raw, codecs, settings),
			reference: null,
			...(settings.dashboardUrl !== undefined && { url: `${settings.dashboardUrl}/product-variants/${raw.id}` })
		};
		return { record, state, raw };
	};
	return {
		type: 'ProductVariantPrice',
		fields: codecs,
		stampCovers: codecs.map(({ name }) => name),
		fingerprint: `vendure/product-price/1/${settings.priceDecimals}`,
		list: 'productVariants',
		optionsType: 'ProductVariantListOptions',
		selection: (server) => variantSelection(withoutCustom(settings), server),
		rows(raw, server) {
			const variant = readVariant(raw, from);
			const currencies = variant.prices.map(({ currencyCode }) => currencyCode);
			return currencies
				.filter((currency) => server.currencies.includes(currency))
				.map((currency) => rowOf(variant, currency, server));
		},
		perItem: ({ currencies }) => currencies.length,
		isGuarded: ({ hasPlugin }) => hasPlugin,
		listedId: ({ id, variantId }) => (isListedId(id) && /^[A-Z]{3}$/.test(variantId) ? id : null),
		withCode: (text) => [{ sku: { eq: text } }],
		matching: (pattern) => [{ sku: { contains: pattern } }, { name: { contains: pattern } }],
		planUpdates: (inputs) =>
			planEach(inputs, ({ row: before, fields, server, guarded }) => {
				const { price, ...key } = normalForms(codecs, fields);
				refuseOtherKey(before.record, key, ['product', 'price_list']);
				const of = inCurrency(server, before.record.variantId);
				const normal = price === undefined ? {} : { price };
				const update = { before, normal, settings: withoutCustom(settings), server: of, guarded };
				return planProduct(update, false, from, (state) => fieldsOf(state, before.raw, codecs, settings));
			})
	};
}

/** The state that a price is guarded by has no field of the shop's own. */
function withoutCustom({ gtinField: _, ...settings }: VendureSettings): VendureSettings {
	return settings;
}

function codecsOf({ priceDecimals }: VendureSettings): readonly FieldCodec[] {
	const text: FieldCodec['normal'] = (value) => canonical('text', value);
	return [
		{ name: 'product', type: 'text', label: 'Variant', normal: text },
		{ name: 'price_list', type: 'text', label: 'Currency', normal: text },
		{ name: 'price', type: 'decimal', label: 'Price', normal: (value) => normalPrice(value, priceDecimals) }
	];
}

function fieldsOf({ price }: VariantState, raw: RawVariant, codecs: readonly FieldCodec[], settings: VendureSettings) {
	const values = { product: `${raw.product.id}/${raw.id}`, price_list: price.currencyCode };
	const amount = price.price === null ? { value: null } : priceOf(price.price, settings.priceDecimals);
	if ('value' in amount) return readable(codecs, { ...values, price: amount.value });
	const { fields, unreadable } = readable(codecs, values);
	return { fields, unreadable: { ...unreadable, price: amount.unreadable } };
}
