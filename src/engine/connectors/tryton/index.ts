import type { Precondition, Resource } from '../connector.ts';
import { defineConnector } from '../connector.ts';
import { businessPartnerEntity } from './business-partner.ts';
import type { TrytonEntity, TrytonRow } from './entity.ts';
import { priceListEntity } from './price-list.ts';
import { productCategoryEntity } from './product-category.ts';
import { productParentEntity } from './product-parent.ts';
import { productPriceEntity } from './product-price.ts';
import { productEntity } from './product.ts';
import { createResource } from './resource.ts';
import { salesOrderEntity } from './sales-order.ts';
import { plainSettingsForm } from '../settings-form.ts';
import { createRpc } from './rpc.ts';
import { type TrytonSettings, trytonSettings } from './settings.ts';
import { warehouseEntity } from './warehouse.ts';

/**
 * On SQLite a tag has whole seconds, and a writer may hold its transaction for another one before it shows. What no wait
 * closes: Tryton compares tags before it takes SQLite's lock, so that a write which is under way in the same moment
 * goes unnoticed. On PostgreSQL one of the two fails.
 */
const sqliteSettleMs = 2000;

const form = plainSettingsForm(
	'The Tryton ERP, version 6: products, their variants, categories, parties, warehouses, price lists and sales orders.',
	[
		{ name: 'url', label: 'Address', hint: 'Of the Tryton server, such as https://erp.example.com', kind: 'url' },
		{ name: 'database', label: 'Database', hint: 'The name of the database at that server.', kind: 'text' },
		{
			name: 'user',
			label: 'User',
			hint: 'A Tryton user of its own: what the sync wrote is then told apart from what people wrote.',
			kind: 'text'
		},
		{
			name: 'backend',
			label: 'Tryton runs on',
			hint: 'The database behind it: on SQLite its change stamps are whole seconds, and writes wait for that.',
			kind: 'choice',
			choices: [
				{ value: 'postgresql', label: 'PostgreSQL' },
				{ value: 'sqlite', label: 'SQLite' }
			],
			initial: 'postgresql'
		},
		{
			name: 'unit',
			label: 'Unit of new products',
			hint: 'Its symbol or name.',
			kind: 'text',
			optional: true,
			initial: 'u'
		},
		{
			name: 'priceDecimals',
			label: 'Digits of prices after the point',
			hint: '“price_decimal” in the configuration of the server.',
			kind: 'number',
			optional: true,
			initial: '4'
		},
		{
			name: 'productCategory',
			label: 'Category of products',
			hint: 'Where it is synced, link product categories here as well: a product waits for its own to be linked.',
			kind: 'choice',
			choices: [
				{ value: 'leave', label: 'Left alone' },
				{ value: 'sync', label: 'Synced' }
			],
			initial: 'leave'
		},
		{
			name: 'taxIdentifierType',
			label: 'Type of new tax numbers',
			hint: 'As Tryton calls it, for business partners that are created there.',
			kind: 'text',
			optional: true,
			initial: 'eu_vat'
		}
	]
);

/**
 * Tryton 6, over its own JSON-RPC: products (variants with their template), parent products (templates with several variants),
 * categories, business partners (parties), warehouses (module stock), price lists and prices (module product_price_list), sales
 * orders (module sale).
 */
export const tryton = defineConnector({
	name: 'tryton',
	label: 'Tryton',
	credentials: [{ name: 'password', label: 'Password', hint: 'Password of the Tryton user in the settings above.' }],
	form,
	settings: trytonSettings,
	open({ settings, credentials, transport }) {
		const rpc = createRpc({ settings, password: credentials['password'] ?? '', transport });
		const precondition: Precondition =
			settings.backend === 'sqlite' ? { kind: 'coarse', settleMs: sqliteSettleMs } : { kind: 'strict' };
		const resourceOf = <Row extends TrytonRow>(
			describe: (settings: TrytonSettings, from: string) => TrytonEntity<Row>
		): Resource => createResource(describe(settings, rpc.from), rpc, precondition);
		const resources = new Map([
			['product', resourceOf(productEntity)],
			['product-parent', resourceOf(productParentEntity)],
			['product-category', resourceOf(productCategoryEntity)],
			['business-partner', resourceOf(businessPartnerEntity)],
			['warehouse', resourceOf(warehouseEntity)],
			['price-list', resourceOf(priceListEntity)],
			['product-price', resourceOf(productPriceEntity)],
			['sales-order', resourceOf(salesOrderEntity)]
		]);
		return {
			resource: (entity) => resources.get(entity),
			async probe(options) {
				await rpc.call('res.user.get_preferences', [true], options);
			},
			close: () => rpc.close()
		};
	}
});
