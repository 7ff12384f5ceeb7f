import { defineConnector, type Resource } from '../connector.ts';
import { plainSettingsForm } from '../settings-form.ts';
import { createAdminApi } from './admin-api.ts';
import { collectionEntity } from './collection.ts';
import { customerEntity } from './customer.ts';
import { orderEntity } from './order.ts';
import { priceListResource } from './price-list.ts';
import { productParentEntity } from './product-parent.ts';
import { productPriceEntity } from './product-price.ts';
import { productEntity } from './product.ts';
import { createResource } from './resource.ts';
import { vendureSettings } from './settings.ts';
import { stockLevelEntity } from './stock-level.ts';
import { stockLocationEntity } from './stock-location.ts';

const form = plainSettingsForm(
	'A Vendure shop, version 3: products, their variants, collections, customers, stock, prices and orders.',
	[
		{
			name: 'url',
			label: 'Address',
			hint: 'Of the Admin API, such as https://shop.example.com/admin-api',
			kind: 'url'
		},
		{
			name: 'language',
			label: 'Language',
			hint: 'Of the names and descriptions that are synced, such as en.',
			kind: 'text',
			optional: true,
			initial: 'en'
		},
		{
			name: 'channelToken',
			label: 'Channel token',
			hint: 'Of one channel in Vendure. Leave it empty for the default channel.',
			kind: 'text',
			optional: true
		},
		{
			name: 'currency',
			label: 'Currency',
			hint: 'Of the prices that are synced. Leave it empty for the default currency of that channel.',
			kind: 'text',
			optional: true
		},
		{
			name: 'priceDecimals',
			label: 'Digits of prices after the point',
			hint: 'The precision of the money strategy in the configuration of the server.',
			kind: 'number',
			optional: true,
			initial: '2'
		},
		{
			name: 'gtinField',
			label: 'GTIN is in',
			hint: 'Name of the custom field of ProductVariant that holds it, where there is one.',
			kind: 'text',
			optional: true
		},
		{
			name: 'customerCodeField',
			label: 'Code of a customer is in',
			hint: 'Name of the custom field of Customer that holds it, where there is one.',
			kind: 'text',
			optional: true
		},
		{
			name: 'taxIdField',
			label: 'Tax number of a customer is in',
			hint: 'Name of the custom field of Customer that holds it, where there is one.',
			kind: 'text',
			optional: true
		},
		{
			name: 'warehouseCodeField',
			label: 'Code of a warehouse is in',
			hint: 'Name of the custom field of StockLocation that holds it, where there is one.',
			kind: 'text',
			optional: true
		},
		{
			name: 'dashboardUrl',
			label: 'Dashboard',
			hint: 'Where people edit records, for links: such as https://shop.example.com/dashboard',
			kind: 'url',
			optional: true
		}
	]
);

/**
 * Vendure 3, over its Admin API (GraphQL): products (variants), parent products (products with several variants), categories
 * (collections), business partners (customers), warehouses (stock locations), stock levels, price lists (the currencies of a channel), prices, and orders that were placed.
 */
export const vendure = defineConnector({
	name: 'vendure',
	label: 'Vendure',
	credentials: [
		{ name: 'user', label: 'User', hint: 'An administrator of Vendure of its own for the sync.' },
		{ name: 'password', label: 'Password', hint: 'Password of that administrator.' }
	],
	form,
	settings: vendureSettings,
	asksServer: true,
	open({ settings, credentials, transport }) {
		const { user = '', password = '' } = credentials;
		const api = createAdminApi({ settings, credentials: { user, password }, transport });
		const resources = new Map<string, Resource>([
			['product', createResource(productEntity(settings, api.from), api)],
			['product-parent', createResource(productParentEntity(settings, api.from), api)],
			['product-category', createResource(collectionEntity(settings, api.from, api), api)],
			['business-partner', createResource(customerEntity(settings, api.from), api)],
			['warehouse', createResource(stockLocationEntity(settings, api.from, api), api)],
			['price-list', priceListResource(api)],
			['product-price', createResource(productPriceEntity(settings, api.from), api)],
			['sales-order', createResource(orderEntity(settings, api.from), api)],
			['stock-level', createResource(stockLevelEntity(settings, api.from, api), api)]
		]);
		return {
			resource: (entity) => resources.get(entity),
			probe: (options) => api.probe(options),
			async close() {}
		};
	}
});
