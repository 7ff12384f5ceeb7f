import type { RestSettingsInput } from '#src/engine/connectors/rest/settings.ts';

type RestEntityInput = RestSettingsInput['entities'][string];
type RestFieldInput = RestEntityInput['fields'][number];

const text = (name: string, field: string, label: string): Extract<RestFieldInput, { as: 'text' }> => ({
	name,
	at: field,
	label,
	as: 'text'
});

/** The calls that both kinds have in common. */
function demoRequests(path: string, referenceParam: string, updateHeaders: Record<string, string>) {
	return {
		list: { path, query: { limit: '{limit}', after: '{after}' } },
		get: { path: `${path}/{id}` },
		batchGet: { query: { ids: '{ids}' } },
		changes: { query: { updated_since: '{since}' } },
		search: { query: { search: '{text}' } },
		findByReference: { query: { [referenceParam]: '{references}' } },
		create: { path },
		update: { path: `${path}/{id}`, headers: updateHeaders }
	};
}

const paging = { kind: 'cursor' as const, next: 'next' };

/** What a record without a code and a name of its own is called there, for screens. */
const called: RestFieldInput[] = [
	{ ...text('value', 'code', 'Code'), readOnly: true },
	{ ...text('name', 'name', 'Name'), readOnly: true }
];

/** What all lists of the ERP have in common. */
function erpEntity(path: string, fields: RestFieldInput[]): RestEntityInput {
	return {
		requests: demoRequests(path, 'external_ref', { 'if-match': '{version}' }),
		paging,
		reference: { at: 'external_ref' },
		stamp: { at: 'updated_at', resolution: 'microsecond' },
		version: { from: 'etag-header', at: 'etag' },
		overlapMs: 2000,
		recordPage: `/page${path}/{id}`,
		fields: [...fields, { name: 'is_active', at: 'active', label: 'Active', as: 'boolean' }]
	};
}

/** Settings of the `rest` connector for the demo ERP: all that it has, decimals, true precondition. */
export function erpSettings(baseUrl: string): RestSettingsInput {
	return {
		baseUrl,
		auth: { kind: 'bearer' },
		clockHeader: 'x-server-time',
		entities: {
			product: erpEntity('/products', [
				text('value', 'sku', 'SKU'),
				text('name', 'name', 'Name'),
				text('description', 'description', 'Description'),
				text('gtin', 'gtin', 'GTIN'),
				{ name: 'price', at: 'price', label: 'Price', as: 'decimal-text', scale: 4 },
				text('currency', 'currency', 'Currency'),
				{ name: 'weight', at: 'weight', label: 'Weight', as: 'number', scale: 3 },
				text('category', 'category_id', 'Category'),
				// For fields that somebody who tries the product may add.
				{ ...text('colour', 'colour', 'Colour'), optional: true },
				{ ...text('material', 'material', 'Material'), optional: true }
			]),
			'product-category': erpEntity('/categories', [
				text('value', 'code', 'Code'),
				text('name', 'name', 'Name'),
				text('parent', 'part_of', 'Part of')
			]),
			warehouse: erpEntity('/warehouses', [text('value', 'code', 'Code'), text('name', 'name', 'Name')]),
			'price-list': erpEntity('/pricelists', [
				text('value', 'code', 'Code'),
				text('name', 'name', 'Name'),
				text('currency', 'currency', 'Currency')
			]),
			'product-price': erpEntity('/prices', [
				...called,
				text('product', 'product_id', 'Product'),
				text('price_list', 'price_list_id', 'Price list'),
				{ name: 'price', at: 'amount', label: 'Amount', as: 'decimal-text', scale: 4 }
			]),
			'stock-level': erpEntity('/stock', [
				...called,
				text('product', 'product_id', 'Product'),
				text('warehouse', 'warehouse_id', 'Warehouse'),
				{ name: 'available', at: 'quantity', label: 'Quantity', as: 'decimal-text', scale: 3 },
				text('unit', 'unit', 'Unit')
			]),
			'business-partner': erpEntity('/partners', [
				text('value', 'code', 'Code'),
				text('name', 'name', 'Name'),
				text('email', 'email', 'E-mail'),
				text('phone', 'phone', 'Phone'),
				text('tax_id', 'vat', 'VAT number')
			])
		}
	};
}

const shopNames = [text('value', 'code', 'Code'), text('name', 'title', 'Title')];
const shopVisible: RestFieldInput = { name: 'is_active', at: 'visible', label: 'Visible', as: 'boolean' };

/** What all lists of the Shop have in common. */
function shopEntity(path: string, fields: RestFieldInput[]): RestEntityInput {
	return {
		requests: demoRequests(path, 'reference', {}),
		paging,
		reference: { at: 'reference' },
		id: 'uid',
		stamp: { at: 'changed', resolution: 'second' },
		overlapMs: 2000,
		recordPage: `/page${path}/{id}`,
		fields
	};
}

/** Orders are placed there: of one, only the state is written. */
function shopOrders(): RestEntityInput {
	const received = (field: Exclude<RestFieldInput, { as: 'lines' } | { as: 'constant' }>): RestFieldInput => ({
		...field,
		readOnly: true
	});
	const money = (name: string, at: string, label: string) => received({ name, at, label, as: 'minor-units' });
	const {
		requests,
		reference: _,
		...others
	} = shopEntity('/orders', [
		received(text('value', 'number', 'Number')),
		received(text('name', 'buyer', 'Buyer')),
		received({ name: 'ordered_at', at: 'placed', label: 'Placed', as: 'moment' }),
		text('status', 'state', 'State'),
		{
			name: 'lines',
			at: 'positions',
			label: 'Positions',
			as: 'lines',
			minorUnits: 2,
			line: 'no',
			product: 'article',
			text: 'title',
			quantity: 'pieces',
			price: 'each_cents'
		},
		money('shipping', 'shipping_cents', 'Shipping'),
		money('discount', 'rebate_cents', 'Rebate'),
		money('tax', 'tax_cents', 'Tax'),
		money('total', 'total_cents', 'Total'),
		received(text('currency', 'currency', 'Currency'))
	]);
	const { create: _create, findByReference: _find, ...asked } = requests;
	return { ...others, requests: asked };
}

/** Settings of the `rest` connector for the demo Shop: other names, cents, whole seconds, no precondition. */
export function shopSettings(baseUrl: string): RestSettingsInput {
	return {
		baseUrl,
		auth: { kind: 'bearer' },
		clockHeader: 'x-server-time',
		entities: {
			product: shopEntity('/products', [
				...shopNames,
				{ ...text('description', 'text', 'Text'), empty: 'blank' },
				{ ...text('gtin', 'barcode', 'Barcode'), empty: 'blank' },
				{ name: 'price', at: 'amount_cents', label: 'Amount', as: 'minor-units' },
				shopVisible
			]),
			warehouse: shopEntity('/warehouses', [...shopNames, shopVisible]),
			'stock-level': shopEntity('/stock', [
				...shopNames.map((field) => ({ ...field, readOnly: true as const })),
				text('product', 'article', 'Article'),
				text('warehouse', 'place', 'Place'),
				{ name: 'available', at: 'pieces', label: 'Pieces', as: 'number', scale: 0 }
			]),
			'sales-order': shopOrders()
		}
	};
}
