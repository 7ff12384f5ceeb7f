import { z } from 'zod';
import { canonical, type Value } from '#src/sync/fields.ts';
import type { ExternalRecord, FieldCodec } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { normalForms, readable } from '../readable.ts';
import type { AdminApi } from './admin-api.ts';
import { refuseOtherKey } from './fixed-key.ts';
import { idText, isListedId, stampSchema, type VendureEntity, type VendureRow } from './entity.ts';
import { planEach } from './planned-write.ts';
import { parsed } from './reply-error.ts';
import type { VendureSettings } from './settings.ts';
import { variantMutation } from './update-product.ts';

const variantSchema = z.object({
	id: idText,
	updatedAt: stampSchema,
	product: z.object({ id: idText }),
	stockLevels: z.array(z.object({ stockLocationId: idText, stockOnHand: z.number().int() }))
});
const locationsSchema = z.object({ found: z.object({ items: z.array(z.object({ id: idText })) }) });

type StockRow = VendureRow & { variantId: string; locationId: string };

/** More than a shop has, and as many as one list of Vendure brings. */
const locationsMost = 1000;

/**
 * A stock level is what a variant has on hand at a stock location. Each variant has one at each location, 0 where nothing was ever
 * set, so that none has to be created. It moves no stamp when something is sold: the shop's own counting is not a change to
 * follow, as our number replaces it. Vendure subtracts what its own orders have allocated.
 */
export function stockLevelEntity(settings: VendureSettings, from: string, api: AdminApi): VendureEntity<StockRow> {
	let locationIds: readonly string[] | undefined;
	const rowOf = (variant: z.output<typeof variantSchema>, locationId: string): StockRow => {
		const { id, updatedAt, product, stockLevels } = variant;
		const level = stockLevels.find(({ stockLocationId }) => stockLocationId === locationId);
		const record: ExternalRecord = {
			id,
			variantId: locationId,
			version: null,
			stamp: updatedAt,
			...readable(codecs, {
				product: `${product.id}/${id}`,
				warehouse: locationId,
				available: String(level?.stockOnHand ?? 0)
			}),
			reference: null,
			...(settings.dashboardUrl !== undefined && { url: `${settings.dashboardUrl}/product-variants/${id}` })
		};
		return { record, state: {}, variantId: id, locationId };
	};
	return {
		type: 'StockLevel',
		fields: codecs,
		// Sales change it without a stamp.
		stampCovers: [],
		fingerprint: 'vendure/stock-level/1',
		list: 'productVariants',
		optionsType: 'ProductVariantListOptions',
		selection: () => 'id updatedAt product { id } stockLevels { stockLocationId stockOnHand }',
		async prepare(options) {
			locationIds ??= await locationsOf(api, options);
		},
		perItem: () => locationIds?.length ?? 1,
		rows(raw) {
			const variant = parsed(variantSchema, raw, from, 'productVariants');
			return (locationIds ?? []).map((locationId) => rowOf(variant, locationId));
		},
		isGuarded: () => false,
		listedId: ({ id, variantId }) => (isListedId(id) && isListedId(variantId) ? id : null),
		withCode: (text) => [{ sku: { eq: text } }],
		matching: (pattern) => [{ sku: { contains: pattern } }, { name: { contains: pattern } }],
		planUpdates: (inputs) =>
			planEach(inputs, ({ row: { variantId, locationId, record }, fields }) => {
				const { available, ...key } = normalForms(codecs, fields);
				refuseOtherKey(record, key, ['product', 'warehouse']);
				if (available === undefined) return { mutations: [] };
				const level = { stockLocationId: locationId, stockOnHand: quantityOf(available) };
				return { mutations: [variantMutation({ id: variantId, stockLevels: [level] })] };
			})
	};
}

const text: FieldCodec['normal'] = (value) => canonical('text', value);

const codecs: readonly FieldCodec[] = [
	{ name: 'product', type: 'text', label: 'Variant', normal: text },
	{ name: 'warehouse', type: 'text', label: 'Stock location', normal: text },
	{ name: 'available', type: 'decimal', label: 'Stock on hand', normal: wholePieces }
];

/** Vendure counts whole pieces: a part of one cannot be sold. */
function wholePieces(value: Value): Value {
	const plain = canonical('decimal', value);
	if (plain === null) return null;
	const [whole = '', fraction = ''] = String(plain).split('.');
	if (!whole.startsWith('-') || !/[1-9]/.test(fraction)) return canonical('decimal', whole);
	return String(BigInt(whole) - 1n);
}

const largestStock = 2_147_483_647;

function quantityOf(available: Value): number {
	const quantity = Number(available ?? 0);
	if (Number.isInteger(quantity) && Math.abs(quantity) <= largestStock) return quantity;
	const reply = `Vendure cannot hold a stock of ${String(available)}.`;
	throw new ConnectorError('rejected', { hint: `${reply} Correct the stock level.`, reply });
}

async function locationsOf(api: AdminApi, options?: Parameters<AdminApi['ask']>[2]): Promise<readonly string[]> {
	const document = `query ChannelMappingLocations($options: StockLocationListOptions) {
		found: stockLocations(options: $options) { items { id } }
	}`;
	const variables = { options: { sort: { id: 'ASC' }, take: locationsMost } };
	const data = await api.ask({ document, purpose: 'read' }, variables, options);
	return parsed(locationsSchema, data, api.from, 'stockLocations').found.items.map(({ id }) => id);
}
