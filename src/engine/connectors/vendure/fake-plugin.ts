import type { FakeStockedShop } from './fake-stocked-shop.ts';

type Input = Readonly<Record<string, unknown>>;

/** The mutations that our plugin adds to a Vendure. Their transaction is the caller's. */
export function pluginMutations(shop: FakeStockedShop): Record<string, (args: Input) => unknown> {
	return {
		channelMappingCreateProduct({ product, variant }) {
			const productId = shop.createProduct(product as Input);
			return shop.variant(shop.createVariant({ ...(variant as Input), productId }));
		},
		channelMappingUpdateProduct({ check, state, variant, product }) {
			const id = Number((variant as Input)['id']);
			const now = () => variantStateOf(shop, id, state as VariantParts);
			const refused = refusalOf(shop.isThere('variants', id), check, state, now);
			if (refused) return refused;
			if (Object.keys(variant as Input).length > 1) shop.updateVariant(variant as Input);
			if (Object.keys(product as Input).length > 1) shop.updateProduct(product as Input);
			const shown = shop.variant(id);
			const stamps = [shown?.updatedAt ?? '', shown?.product()?.updatedAt ?? ''].sort();
			return { __typename: 'ChannelMappingWrite', outcome: 'written', updatedAt: stamps[1], state: now() };
		},
		channelMappingUpdateCustomer({ check, state, customer }) {
			const id = Number((customer as Input)['id']);
			const now = () => customerStateOf(shop, id, state as CustomerParts);
			const refused = refusalOf(shop.isThere('customers', id), check, state, now);
			if (refused) return refused;
			if (!shop.updateCustomer(customer as Input)) return outcome('email-taken');
			const updatedAt = shop.customer(id)?.updatedAt;
			return { __typename: 'ChannelMappingWrite', outcome: 'written', updatedAt, state: now() };
		},
		channelMappingUpdateCollection({ check, state, collection, move }) {
			const id = Number((collection as Input)['id']);
			const now = () => collectionStateOf(shop, id, state as CollectionParts);
			const refused = refusalOf(shop.isThere('collections', id), check, state, now);
			if (refused) return refused;
			if (Object.keys(collection as Input).length > 1) shop.updateCollection(collection as Input);
			if (move) shop.moveCollection(move as Input);
			const updatedAt = shop.collection(id)?.['updatedAt'];
			return { __typename: 'ChannelMappingWrite', outcome: 'written', updatedAt, state: now() };
		}
	};
}

function outcome(name: string) {
	return { __typename: 'ChannelMappingWrite', outcome: name, updatedAt: null, state: null };
}

function refusalOf(isThere: boolean, check: unknown, state: unknown, now: () => unknown) {
	if (!isThere) return outcome('missing');
	return check === true && JSON.stringify(now()) !== JSON.stringify(state) ? outcome('moved') : undefined;
}

type VariantParts = {
	variant: { customFields: Input };
	variantTranslation: { languageCode: string };
	price: { currencyCode: string };
};
type CollectionParts = { collectionTranslation: { languageCode: string } };
type CustomerParts = { customer: { customFields: Input } };

function variantStateOf(shop: FakeStockedShop, id: number, { variant, variantTranslation, price }: VariantParts) {
	const row = shop.variant(id);
	const { languageCode } = variantTranslation;
	const own = row?.translations.find((each) => each.languageCode === languageCode);
	const parent = row?.product()?.translations.find((each) => each.languageCode === languageCode);
	return {
		variant: { sku: row?.sku, enabled: row?.enabled, customFields: named(variant.customFields, row?.customFields) },
		variantTranslation: { languageCode, name: own?.name ?? null },
		productTranslation: { languageCode, name: parent?.name ?? null, description: parent?.description ?? null },
		price: {
			currencyCode: price.currencyCode,
			price: row?.prices.find(({ currencyCode }) => currencyCode === price.currencyCode)?.price ?? null
		}
	};
}

function collectionStateOf(shop: FakeStockedShop, id: number, { collectionTranslation }: CollectionParts) {
	const row = shop.collection(id);
	const { languageCode } = collectionTranslation;
	const texts = (row?.['translations'] as { languageCode: string; name: string; slug: string }[] | undefined) ?? [];
	const own = texts.find((each) => each.languageCode === languageCode);
	return {
		collection: { isPrivate: row?.['isPrivate'], parentId: row?.['parentId'] },
		collectionTranslation: { languageCode, name: own?.name ?? null, slug: own?.slug ?? null }
	};
}

function customerStateOf(shop: FakeStockedShop, id: number, { customer }: CustomerParts) {
	const row = shop.customer(id);
	return {
		customer: {
			firstName: row?.firstName,
			lastName: row?.lastName,
			phoneNumber: row?.phoneNumber,
			emailAddress: row?.emailAddress,
			customFields: named(customer.customFields, row?.customFields)
		}
	};
}

function named(wanted: Input, custom: Input | undefined): Input {
	return Object.fromEntries(Object.keys(wanted).map((name) => [name, custom?.[name] ?? null]));
}
