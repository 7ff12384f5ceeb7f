/**
 * Vendure plugin of Channel Mapping, for Vendure 3. Copy this file into your Vendure project and add it to the plugins:
 *
 *   const { ChannelMappingPlugin } = require('./channel-mapping-plugin.cjs');
 *   export const config = { ..., plugins: [ChannelMappingPlugin, ...] };
 *
 * Then let Vendure migrate its database: there are five new columns.
 *
 * It adds
 * - the custom field `channelMappingReference` to Product, ProductVariant, Customer, Collection and StockLocation: what was
 *   created by the sync is found again by it, so that no broken connection makes a second one;
 * - mutations that write only where the record still is as the sync read it, under a lock, in one transaction: without
 *   them the last write wins, and an edit made in the same moment is lost.
 */
/* eslint-disable @typescript-eslint/no-require-imports -- a Vendure project loads its plugins as CommonJS */
const { Inject } = require('@nestjs/common');
const { Args, Mutation, Resolver } = require('@nestjs/graphql');
const {
	Allow,
	Collection,
	CollectionService,
	CollectionTranslation,
	Ctx,
	Customer,
	CustomerService,
	Permission,
	PluginCommonModule,
	Product,
	ProductService,
	ProductTranslation,
	ProductVariant,
	ProductVariantPrice,
	ProductVariantService,
	ProductVariantTranslation,
	Transaction,
	TransactionalConnection,
	VendurePlugin,
	isGraphQlErrorResult
} = require('@vendure/core');
const { parse } = require('graphql');

/** How the sync sees that the plugin is there: a call for it would fail on servers without. */
const mark = 'channel-mapping-plugin/2';

// Of several updates in one call, one that fails leaves the answers of the others: hence they may be null.
const schema = parse(`
	type ChannelMappingWrite {
		"written, moved (nothing was written), missing or email-taken"
		outcome: String!
		updatedAt: DateTime
		"The same parts as in the state that was given, as they are after the write"
		state: JSON
	}
	extend type Mutation {
		channelMappingCreateProduct(product: CreateProductInput!, variant: CreateProductVariantInput!): ProductVariant!
		channelMappingUpdateProduct(
			check: Boolean!
			state: JSON!
			variant: UpdateProductVariantInput!
			product: UpdateProductInput!
		): ChannelMappingWrite
		channelMappingUpdateCollection(
			check: Boolean!
			state: JSON!
			collection: UpdateCollectionInput!
			move: MoveCollectionInput
		): ChannelMappingWrite
		channelMappingUpdateCustomer(check: Boolean!, state: JSON!, customer: UpdateCustomerInput!): ChannelMappingWrite
	}
`);

/** SQLite has one writer at a time, and no locks on rows. */
const withoutRowLocks = new Set(['sqlite', 'better-sqlite3', 'sqljs']);

class ChannelMappingResolver {
	constructor(connection, productService, productVariantService, customerService, collectionService) {
		Object.assign(this, { connection, productService, productVariantService, customerService, collectionService });
	}

	async channelMappingCreateProduct(ctx, { product, variant }) {
		const { id: productId } = await this.productService.create(ctx, product);
		const [created] = await this.productVariantService.create(ctx, [{ ...variant, productId }]);
		return created;
	}

	async channelMappingUpdateProduct(ctx, { check, state, variant, product }) {
		const before = await this.lockVariant(ctx, variant.id, state);
		if (!before || !sameId(before.productId, product.id)) return { outcome: 'missing' };
		if (check && !equal(before.state, state)) return { outcome: 'moved' };
		if (Object.keys(variant).length > 1) await this.productVariantService.update(ctx, [variant]);
		if (Object.keys(product).length > 1) await this.productService.update(ctx, product);
		return { outcome: 'written', ...(await this.lockVariant(ctx, variant.id, state)) };
	}

	async channelMappingUpdateCustomer(ctx, { check, state, customer }) {
		const before = await this.lockCustomer(ctx, customer.id, state);
		if (!before) return { outcome: 'missing' };
		if (check && !equal(before.state, state)) return { outcome: 'moved' };
		const result = await this.customerService.update(ctx, customer);
		if (isGraphQlErrorResult(result)) return { outcome: 'email-taken' };
		return { outcome: 'written', ...(await this.lockCustomer(ctx, customer.id, state)) };
	}

	async channelMappingUpdateCollection(ctx, { check, state, collection, move }) {
		const before = await this.lockCollection(ctx, collection.id, state);
		if (!before) return { outcome: 'missing' };
		if (check && !equal(before.state, state)) return { outcome: 'moved' };
		if (Object.keys(collection).length > 1) await this.collectionService.update(ctx, collection);
		if (move) await this.collectionService.move(ctx, move);
		return { outcome: 'written', ...(await this.lockCollection(ctx, collection.id, state)) };
	}

	/** The state of a variant, its product, their texts in one language and one price, all locked; null where it is gone. */
	async lockVariant(ctx, id, { variant, variantTranslation, productTranslation, price }) {
		const inChannel = await this.connection.findOneInChannel(ctx, ProductVariant, id, ctx.channelId, {
			loadEagerRelations: false
		});
		const row = inChannel && (await this.lock(ctx, ProductVariant, 'row.id = :id AND row.deletedAt IS NULL', { id }));
		if (!row) return null;
		const product = await this.lock(ctx, Product, 'row.id = :id', { id: row.productId });
		const ofLanguage = 'row.base = :base AND row.languageCode = :language';
		const name = await this.lock(ctx, ProductVariantTranslation, ofLanguage, {
			base: id,
			language: variantTranslation.languageCode
		});
		const texts = await this.lock(ctx, ProductTranslation, ofLanguage, {
			base: row.productId,
			language: productTranslation.languageCode
		});
		const amount = await this.lock(
			ctx,
			ProductVariantPrice,
			'row.variant = :id AND row.channelId = :channelId AND row.currencyCode = :currency',
			{ id, channelId: ctx.channelId, currency: price.currencyCode }
		);
		return {
			productId: row.productId,
			updatedAt: row.updatedAt > product.updatedAt ? row.updatedAt : product.updatedAt,
			state: {
				variant: { sku: row.sku, enabled: row.enabled, customFields: customFieldsOf(row, variant) },
				variantTranslation: { languageCode: variantTranslation.languageCode, name: name?.name ?? null },
				productTranslation: {
					languageCode: productTranslation.languageCode,
					name: texts?.name ?? null,
					description: texts?.description ?? null
				},
				price: { currencyCode: price.currencyCode, price: amount?.price ?? null }
			}
		};
	}

	async lockCustomer(ctx, id, { customer }) {
		const inChannel = await this.connection.findOneInChannel(ctx, Customer, id, ctx.channelId, {
			loadEagerRelations: false
		});
		const row = inChannel && (await this.lock(ctx, Customer, 'row.id = :id AND row.deletedAt IS NULL', { id }));
		if (!row) return null;
		const { firstName, lastName, phoneNumber, emailAddress, updatedAt } = row;
		const customFields = customFieldsOf(row, customer);
		return { updatedAt, state: { customer: { firstName, lastName, phoneNumber, emailAddress, customFields } } };
	}

	async lockCollection(ctx, id, { collectionTranslation: { languageCode } }) {
		const inChannel = await this.connection.findOneInChannel(ctx, Collection, id, ctx.channelId, {
			loadEagerRelations: false
		});
		const row = inChannel && (await this.lock(ctx, Collection, 'row.id = :id', { id }));
		if (!row) return null;
		const ofLanguage = 'row.base = :base AND row.languageCode = :language';
		const texts = await this.lock(ctx, CollectionTranslation, ofLanguage, { base: id, language: languageCode });
		return {
			updatedAt: row.updatedAt,
			state: {
				collection: { isPrivate: row.isPrivate, parentId: String(row.parentId) },
				collectionTranslation: { languageCode, name: texts?.name ?? null, slug: texts?.slug ?? null }
			}
		};
	}

	lock(ctx, entity, where, parameters) {
		const query = this.connection.getRepository(ctx, entity).createQueryBuilder('row').where(where, parameters);
		const { type } = this.connection.rawConnection.options;
		return (withoutRowLocks.has(type) ? query : query.setLock('pessimistic_write')).getOne();
	}
}

/** The custom fields that the given part names, as text. */
function customFieldsOf(row, { customFields }) {
	const textOf = (value) => (value === null || typeof value === 'string' ? value : JSON.stringify(value));
	const names = Object.keys(customFields);
	return Object.fromEntries(names.map((name) => [name, textOf(row.customFields?.[name] ?? null)]));
}

/** Whether two states are the same: keys in any order. */
function equal(left, right) {
	if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
	const names = Object.keys(left);
	return names.length === Object.keys(right).length && names.every((name) => equal(left[name], right[name]));
}

function sameId(left, right) {
	return String(left) === String(right);
}

// Decorators, as a compiler would apply them.
for (const [at, token] of [
	TransactionalConnection,
	ProductService,
	ProductVariantService,
	CustomerService,
	CollectionService
].entries()) {
	Inject(token)(ChannelMappingResolver, undefined, at);
}
const catalog = [Permission.UpdateCatalog, Permission.UpdateProduct];
for (const [method, permissions] of Object.entries({
	channelMappingCreateProduct: [Permission.CreateCatalog, Permission.CreateProduct],
	channelMappingUpdateProduct: catalog,
	channelMappingUpdateCollection: [Permission.UpdateCatalog, Permission.UpdateCollection],
	channelMappingUpdateCustomer: [Permission.UpdateCustomer]
})) {
	const descriptor = Object.getOwnPropertyDescriptor(ChannelMappingResolver.prototype, method);
	for (const decorator of [Allow(...permissions), Mutation(), Transaction()]) {
		decorator(ChannelMappingResolver.prototype, method, descriptor);
	}
	Ctx()(ChannelMappingResolver.prototype, method, 0);
	Args()(ChannelMappingResolver.prototype, method, 1);
}
Resolver()(ChannelMappingResolver);

class ChannelMappingPlugin {}

VendurePlugin({
	imports: [PluginCommonModule],
	compatibility: '^3.0.0',
	adminApiExtensions: { schema, resolvers: [ChannelMappingResolver] },
	configuration(config) {
		for (const entity of ['Product', 'ProductVariant', 'Customer', 'Collection', 'StockLocation']) {
			const fields = (config.customFields[entity] ??= []);
			const own = { name: 'channelMappingReference', type: 'string', nullable: true, unique: true, public: false };
			const shown = { label: [{ languageCode: 'en', value: 'Channel Mapping reference' }], ui: { plugin: mark } };
			config.customFields[entity] = [...fields.filter(({ name }) => name !== own.name), { ...own, ...shown }];
		}
		return config;
	}
})(ChannelMappingPlugin);

module.exports = { ChannelMappingPlugin };
