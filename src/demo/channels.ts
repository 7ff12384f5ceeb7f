import type { RestSettingsInput } from '#src/engine/connectors/rest/settings.ts';

type RestEntityInput = RestSettingsInput['entities'][string];
type RestFieldInput = RestEntityInput['fields'][number];

const text = (name: string, field: string, label: string): RestFieldInput => ({ name, field, label, as: 'text' });

const paging = { limitParam: 'limit', afterParam: 'after', next: 'next' };

/** What all lists of the ERP have in common. */
function erpEntity(path: string, fields: RestFieldInput[]): RestEntityInput {
	return {
		paths: { list: path, one: `${path}/{id}`, create: path, update: `${path}/{id}` },
		paging,
		idsParam: 'ids',
		sinceParam: 'updated_since',
		searchParam: 'search',
		reference: { field: 'external_ref', param: 'external_ref' },
		stamp: 'updated_at',
		stampResolution: 'microsecond',
		version: { from: 'etag-header', itemField: 'etag' },
		overlapMs: 2000,
		recordPage: `/page${path}/{id}`,
		fields: [...fields, { name: 'is_active', field: 'active', label: 'Active', as: 'boolean' }]
	};
}

/** Settings of the `rest` connector for the demo ERP: products, categories, warehouses and business partners, decimals, true precondition. */
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
				{ name: 'price', field: 'price', label: 'Price', as: 'decimal-text', scale: 4 },
				text('currency', 'currency', 'Currency'),
				{ name: 'weight', field: 'weight', label: 'Weight', as: 'number', scale: 3 },
				text('category', 'category_id', 'Category')
			]),
			'product-category': erpEntity('/categories', [
				text('value', 'code', 'Code'),
				text('name', 'name', 'Name'),
				text('parent', 'part_of', 'Part of')
			]),
			warehouse: erpEntity('/warehouses', [text('value', 'code', 'Code'), text('name', 'name', 'Name')]),
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

/** Settings of the `rest` connector for the demo Shop: products only, other names, cents, whole seconds, no precondition. */
export function shopSettings(baseUrl: string): RestSettingsInput {
	return {
		baseUrl,
		auth: { kind: 'bearer' },
		clockHeader: 'x-server-time',
		entities: {
			product: {
				paths: { list: '/products', one: '/products/{id}', create: '/products', update: '/products/{id}' },
				paging,
				idsParam: 'ids',
				sinceParam: 'updated_since',
				searchParam: 'search',
				reference: { field: 'reference', param: 'reference' },
				id: 'uid',
				stamp: 'changed',
				stampResolution: 'second',
				overlapMs: 2000,
				recordPage: '/page/products/{id}',
				fields: [
					text('value', 'code', 'Code'),
					text('name', 'title', 'Title'),
					{ ...text('description', 'text', 'Text'), empty: 'blank' },
					{ ...text('gtin', 'barcode', 'Barcode'), empty: 'blank' },
					{ name: 'price', field: 'amount_cents', label: 'Amount', as: 'cents' },
					{ name: 'is_active', field: 'visible', label: 'Visible', as: 'boolean' }
				]
			}
		}
	};
}
