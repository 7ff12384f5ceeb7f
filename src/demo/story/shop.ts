import { roundDecimal } from '#src/sync/fields.ts';
import { sumDecimals, timesDecimals, negated } from '#src/sync/decimal.ts';
import { linesText } from '#src/sync/order-lines.ts';
import type { Fields } from '#src/sync/fields.ts';
import { hoursBefore, only } from './record.ts';
import { shopProducts } from './roles.ts';
import type { ChannelStory, StoryExternal, StoryInternal, StoryLink } from './story.ts';

const productFields = ['value', 'name', 'description', 'gtin', 'price', 'is_active'];
/** Orders were received from here on. */
const receivingForHours = 24 * 7;
const ownCode = 'SHOP-9001';
const ownId = '79001';

type ErpLinks = readonly Pick<StoryLink, 'value' | 'status' | 'baseInternal'>[];

/** The Shop's products: all but the last are linked, that one has a code of its own, by which nothing is found. */
export function shopProductsStory(links: ErpLinks, nowMs: number): ChannelStory {
	const inSync = links.filter(({ status }) => status === 'in-sync');
	const external = inSync.slice(0, shopProducts).map(({ baseInternal }, index) => ({
		id: String(70_001 + index),
		fields: only(baseInternal, productFields),
		changedAt: wholeSecond(hoursBefore(nowMs, 24 * (35 + (index % 200))))
	}));
	const story = linkedStory('product', external, nowMs);
	const next = inSync[shopProducts]?.baseInternal;
	if (next) {
		const fields = { ...only(next, productFields), value: ownCode, gtin: null };
		story.external.push({ id: ownId, fields, changedAt: wholeSecond(hoursBefore(nowMs, 26)) });
	}
	return story;
}

/** The warehouse that the Shop sends from, and what lies there of some of its products. */
export function shopStockStory(
	products: ChannelStory,
	central: StoryInternal | undefined,
	stock: readonly StoryInternal[],
	nowMs: number
): ChannelStory[] {
	if (!central) return [];
	const changedAt = wholeSecond(hoursBefore(nowMs, 24 * 34));
	const place = { id: '501', fields: only(central.fields, ['value', 'name', 'is_active']), changedAt };
	const idOf = new Map(products.links.map(({ value, externalId }) => [value, externalId]));
	const levels = stock.flatMap(({ fields }, index): StoryExternal[] => {
		const product = idOf.get(String(fields['product']));
		if (product === undefined || fields['warehouse'] !== central.fields.value) return [];
		const told = { ...only(fields, ['value', 'name', 'available']), product, warehouse: place.id };
		return [{ id: String(80_001 + index), fields: told, changedAt }];
	});
	return [linkedStory('warehouse', [place], nowMs), linkedStory('stock-level', levels, nowMs)];
}

/** What was bought: pieces of these products of the Shop, by their place in its list. */
type Bought = {
	number: string;
	buyer: string;
	hoursAgo: number;
	status: string;
	of: readonly [number, number][];
} & Partial<Record<'shipping' | 'discount' | 'off', string>>;
const unlinked = -1;

const bought: readonly Bought[] = [
	{ number: 'S-5001', buyer: 'Jonas Holm', hoursAgo: 24 * 12, status: 'shipped', of: [[4, 1]], shipping: '4.90' },
	{
		number: 'S-5002',
		buyer: 'Karen Juul',
		hoursAgo: 50,
		status: 'shipped',
		of: [
			[0, 2],
			[7, 1]
		],
		shipping: '4.90'
	},
	{ number: 'S-5003', buyer: 'Birte Lassen', hoursAgo: 21, status: 'paid', of: [[2, 1]], discount: '5.00' },
	{
		number: 'S-5004',
		buyer: 'Anders Friis',
		hoursAgo: 5,
		status: 'paid',
		of: [
			[3, 2],
			[unlinked, 1]
		],
		shipping: '4.90'
	},
	{ number: 'S-5005', buyer: 'Lone Skov', hoursAgo: 2, status: 'open', of: [[5, 3]], shipping: '4.90', off: '0.10' }
];

/**
 * Orders at the Shop. One is from before they were received, one waits for the product that is not linked, and one does not
 * come to its total; the engine takes the others over by itself.
 */
export function shopOrdersStory(products: ChannelStory, nowMs: number): ChannelStory {
	const external = bought.map((order, index) => ({
		id: String(90_001 + index),
		fields: orderOf(order, products.external, nowMs),
		changedAt: wholeSecond(hoursBefore(nowMs, order.hoursAgo))
	}));
	const receivesSince = hoursBefore(nowMs, receivingForHours);
	return { channel: 'Shop', entity: 'sales-order', external, links: [], excluded: [], receivesSince };
}

function orderOf(order: Bought, products: readonly StoryExternal[], nowMs: number): Fields {
	const { number, buyer, hoursAgo, status, of, shipping = '0.00', discount = '0.00', off = '0' } = order;
	const lines = of.map(([at, pieces], index) => {
		const product = products.at(at);
		const price = money(timesDecimals(String(product?.fields['price'] ?? '10'), '0.84'));
		const [quantity, amount] = [String(pieces), timesDecimals(price, String(pieces))];
		return {
			line: String(index + 1),
			product: product?.id ?? null,
			text: null,
			quantity,
			unit: null,
			price,
			amount,
			tax: null
		};
	});
	const net = sumDecimals([...lines.map(({ amount }) => amount), shipping, negated(discount)]);
	const tax = money(timesDecimals(net, '0.19'));
	return {
		value: number,
		name: buyer,
		ordered_at: wholeSecond(hoursBefore(nowMs, hoursAgo)),
		status,
		lines: linesText(lines),
		shipping,
		discount,
		tax,
		total: money(sumDecimals([net, tax, off])),
		currency: 'EUR'
	};
}

function linkedStory(entity: ChannelStory['entity'], external: StoryExternal[], nowMs: number): ChannelStory {
	const links = external.map(({ id, fields, changedAt }): StoryLink => ({
		value: String(fields['value']),
		externalId: id,
		createdAt: hoursBefore(nowMs, 24 * 33),
		status: 'in-sync',
		baseInternal: fields,
		baseExternal: fields,
		externalStamp: changedAt,
		problem: null,
		conflict: null
	}));
	return { channel: 'Shop', entity, external: [...external], links, excluded: [] };
}

/** The Shop keeps whole seconds. */
function wholeSecond(stamp: string): string {
	return stamp.replace(/\.\d+Z$/, '.000000Z');
}

function money(amount: string): string {
	return roundDecimal(amount, 2);
}
