import type { Fields, Value } from '#src/sync/fields.ts';
import { parseLines } from '#src/sync/order-lines.ts';
import type { ChannelStory, Story } from './story/story.ts';

/** What a demo channel holds in the story, as the body of its `PUT /admin/import`. */
export function importBody(story: Story, channel: ChannelStory['channel']): string {
	const records = (entity: ChannelStory['entity']) =>
		story.channels
			.filter((one) => one.channel === channel && one.entity === entity)
			.flatMap(({ external }) => external.filter(({ deletedAt }) => deletedAt === undefined))
			.map(({ id, fields, changedAt }) => ({
				id,
				...inTheirWords[entity](fields),
				active: fields['is_active'],
				updated_at: changedAt
			}));
	return JSON.stringify({
		products: records('product'),
		partners: records('business-partner'),
		categories: records('product-category'),
		warehouses: records('warehouse'),
		pricelists: records('price-list'),
		prices: records('product-price'),
		stock: records('stock-level'),
		orders: records('sales-order')
	});
}

type Theirs = Record<string, Value | undefined>;

const inTheirWords: Record<ChannelStory['entity'], (fields: Fields) => Theirs> = {
	product: ({ value, is_active: _, category, ...others }) => ({ ...others, sku: value, category_id: category ?? null }),
	'business-partner': ({ value, is_active: _, tax_id: vat, ...others }) => ({ ...others, code: value, vat }),
	'product-category': ({ value, name, parent }) => ({ code: value, name, part_of: parent ?? null }),
	warehouse: ({ value, name }) => ({ code: value, name }),
	'price-list': ({ value, name, currency }) => ({ code: value, name, currency }),
	'product-price': ({ product, price_list: list, price }) => ({
		product_id: product,
		price_list_id: list,
		amount: price
	}),
	'stock-level': ({ product, warehouse, available, unit }) => ({
		product_id: product,
		warehouse_id: warehouse,
		quantity: available,
		unit: unit ?? null
	}),
	'sales-order': ({ value, name, ordered_at: placed, status, lines, shipping, discount, tax, total }) => ({
		code: value,
		name,
		placed,
		lines: (parseLines(lines ?? null) ?? [])
			.map(({ product, quantity, price }) => `${product ?? '-'} ${quantity} ${price}`)
			.join('\n'),
		...{ shipping, discount, tax, total },
		state: status
	})
};
