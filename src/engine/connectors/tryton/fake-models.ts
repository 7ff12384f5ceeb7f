/** What a fake Tryton knows of one of its models. */
export type FakeModel = {
	defaults: Record<string, unknown>;
	/** Lists of other rows: [model, its column that points here]. */
	many?: Record<string, readonly [string, string]>;
	/** Lists of the ids of other rows, which these know nothing of. */
	joined?: readonly string[];
	/** Single rows: column -> model. */
	one?: Record<string, string>;
	required?: readonly string[];
	/** One-line text. */
	lines?: readonly string[];
};

export const fakeModels: Record<string, FakeModel> = {
	'product.template': {
		defaults: {
			name: null,
			code: null,
			list_price: null,
			type: 'goods',
			default_uom: null,
			categories: [],
			active: true
		},
		joined: ['categories'],
		many: { products: ['product.product', 'template'] },
		required: ['name', 'default_uom'],
		lines: ['name', 'code']
	},
	'product.product': {
		defaults: { template: null, code: null, suffix_code: null, description: null, active: true },
		many: { identifiers: ['product.identifier', 'product'], prices: ['product.price_list.line', 'product'] },
		one: { template: 'product.template' },
		lines: ['suffix_code']
	},
	'product.identifier': { defaults: { product: null, type: null, code: null }, required: ['code'], lines: ['code'] },
	'product.uom': { defaults: { name: null, symbol: null } },
	'party.party': {
		defaults: { name: null, code: null, active: true, tax_identifier: null },
		many: {
			addresses: ['party.address', 'party'],
			identifiers: ['party.identifier', 'party'],
			contact_mechanisms: ['party.contact_mechanism', 'party']
		},
		one: { tax_identifier: 'party.identifier' },
		required: ['code'],
		lines: ['name', 'code']
	},
	'party.address': { defaults: { party: null, street: null } },
	'party.identifier': { defaults: { party: null, type: null, code: null }, required: ['code'], lines: ['code'] },
	'party.contact_mechanism': { defaults: { party: null, type: 'phone', value: null, active: true }, lines: ['value'] },
	'product.category': { defaults: { name: null, parent: null }, required: ['name'], lines: ['name'] },
	'stock.location': {
		defaults: {
			name: null,
			code: null,
			type: 'storage',
			input_location: null,
			output_location: null,
			storage_location: null,
			active: true
		},
		required: ['name'],
		lines: ['name', 'code']
	},
	'currency.currency': { defaults: { code: null } },
	'company.company': { defaults: { currency: null }, one: { currency: 'currency.currency' } },
	'product.price_list': {
		defaults: { name: null, company: null, active: true },
		one: { company: 'company.company' },
		many: { lines: ['product.price_list.line', 'price_list'] },
		required: ['name'],
		lines: ['name']
	},
	'product.price_list.line': {
		defaults: { price_list: null, product: null, category: null, quantity: null, formula: 'unit_price' },
		one: { price_list: 'product.price_list', product: 'product.product' },
		required: ['price_list', 'formula'],
		lines: ['formula']
	},
	'sale.sale': {
		defaults: {
			number: null,
			state: 'draft',
			company: null,
			party: null,
			currency: null,
			invoice_address: null,
			shipment_address: null,
			sale_date: null,
			invoice_method: 'order',
			shipment_method: 'order',
			tax_amount: '0.00',
			total_amount: null
		},
		one: { party: 'party.party', currency: 'currency.currency' },
		many: { lines: ['sale.line', 'sale'] },
		required: ['party', 'currency']
	},
	'sale.line': {
		defaults: {
			sale: null,
			sequence: null,
			type: 'line',
			description: null,
			quantity: null,
			unit: null,
			product: null,
			unit_price: null
		},
		one: { sale: 'sale.sale', unit: 'product.uom', product: 'product.product' }
	}
};
