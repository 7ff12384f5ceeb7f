import { hoursBefore, type StoryRecord } from './record.ts';
import type { ChannelStory, StoryInternal } from './story.ts';

type Told = { ours: StoryInternal[]; erp: ChannelStory };

/** Prices and stock are told of so many products. */
const productsWithPrice = 12;
const productsWithStock = 8;
const dealersPay = 0.72;

/** What the two have in common: products that are linked and have nothing to tell. */
export type Shelf = { products: Told; priceLists: Told; warehouses: Told; nowMs: number };

/** Prices of some products in both lists. */
export function pricesStory(shelf: Shelf): Told {
	const { told, add } = narrator('product-price', shelf.nowMs);
	for (const { sku, name, price, externalId } of linkedProducts(shelf, productsWithPrice)) {
		for (const list of shelf.priceLists.erp.links) {
			const amount = list.value === 'RETAIL' ? price : (Number(price) * dealersPay).toFixed(2);
			const own = { value: `${sku} @ ${list.value}`, name, price: amount, is_active: true };
			add(own, { product: sku, price_list: list.value }, { product: externalId, price_list: list.externalId });
		}
	}
	return told;
}

/** What of some products lies in the central warehouse. */
export function stockStory(shelf: Shelf): Told {
	const { told, add } = narrator('stock-level', shelf.nowMs);
	const [central] = shelf.warehouses.erp.links;
	if (!central) return told;
	linkedProducts(shelf, productsWithStock).forEach(({ sku, name, externalId }, index) => {
		const [onHand, reserved, buffer] = [40 + index * 7, index % 3, 2];
		const own = { value: `${sku} @ ${central.value}`, name, unit: 'piece', is_active: true };
		const parts = { on_hand: String(onHand), reserved: String(reserved), buffer: String(buffer) };
		const available = String(onHand - reserved - buffer);
		add(
			{ ...own, available },
			{ ...parts, product: sku, warehouse: central.value },
			{
				product: externalId,
				warehouse: central.externalId
			}
		);
	});
	return told;
}

function linkedProducts({ products }: Shelf, count: number) {
	const quiet = products.erp.links.filter(({ status }) => status === 'in-sync').slice(0, count);
	return quiet.map(({ value, externalId, baseInternal }) => ({
		sku: value,
		externalId,
		name: String(baseInternal['name']),
		price: String(baseInternal['price'])
	}));
}

function narrator(entity: ChannelStory['entity'], nowMs: number) {
	const erp: ChannelStory = { channel: 'ERP', entity, external: [], links: [], excluded: [] };
	const told: Told = { ours: [], erp };
	const changedAt = hoursBefore(nowMs, 24 * 150);
	return {
		told,
		/** A record on both sides, linked, with what it points to: ours by code, theirs by id. */
		add(both: StoryRecord, ours: Record<string, string>, theirs: Record<string, string>): void {
			const id = String(1001 + erp.external.length);
			told.ours.push({ fields: { ...both, ...ours }, createdAt: changedAt, changed: {} });
			erp.external.push({ id, fields: { ...both, ...theirs }, changedAt });
			erp.links.push({
				value: both.value,
				externalId: id,
				createdAt: hoursBefore(nowMs, 24 * 45),
				status: 'in-sync',
				baseInternal: both,
				baseExternal: { ...both, ...theirs },
				externalStamp: changedAt,
				problem: null,
				conflict: null
			});
		}
	};
}
