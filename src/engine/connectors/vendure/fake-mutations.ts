import type { Input } from './fake-shop-rows.ts';
import type { FakeStockedShop } from './fake-stocked-shop.ts';

/** The mutations of a shop, each a transaction of its own. */
export function shopMutations(shop: FakeStockedShop): Record<string, (args: Input) => unknown> {
	const deleted = { __typename: 'DeletionResponse', result: 'DELETED' };
	const conflict = { __typename: 'EmailAddressConflictError', message: 'The email address is not available.' };
	return {
		createProduct: ({ input }) => shop.product(shop.createProduct(input as Input)),
		updateProduct({ input }) {
			shop.updateProduct(input as Input);
			return shop.product(Number((input as Input)['id']));
		},
		createProductOptionGroup: ({ input }) => shop.createOptionGroup(input as Input),
		addOptionGroupToProduct: ({ productId }) => shop.product(Number(productId)),
		createProductVariants: ({ input }) => (input as Input[]).map((each) => shop.variant(shop.createVariant(each))),
		updateProductVariants({ input }) {
			for (const each of input as Input[]) shop.updateVariant(each);
			return (input as Input[]).map(({ id }) => shop.variant(Number(id)));
		},
		deleteProductVariant({ id }) {
			shop.remove('variants', Number(id));
			return deleted;
		},
		deleteProduct({ id }) {
			shop.remove('products', Number(id));
			return deleted;
		},
		createCustomer({ input }) {
			const id = shop.createCustomer(input as Input);
			return id === null ? conflict : shop.customer(id);
		},
		updateCustomer({ input }) {
			const id = Number((input as Input)['id']);
			const before = shop.customer(id)?.emailAddress;
			if (shop.updateCustomer(input as Input)) return shop.customer(id);
			shop.updateCustomer({ id, emailAddress: before });
			return conflict;
		},
		createCollection: ({ input }) => shop.collection(shop.createCollection(input as Input)),
		updateCollection({ input }) {
			shop.updateCollection(input as Input);
			return shop.collection(Number((input as Input)['id']));
		},
		moveCollection({ input }) {
			shop.moveCollection(input as Input);
			return shop.collection(Number((input as Input)['collectionId']));
		},
		deleteCollection({ id }) {
			shop.remove('collections', Number(id));
			return deleted;
		},
		createStockLocation: ({ input }) => shop.location(shop.createLocation(input as Input)),
		updateStockLocation({ input }) {
			shop.updateLocation(input as Input);
			return shop.location(Number((input as Input)['id']));
		},
		deleteStockLocation({ input }) {
			shop.remove('locations', Number((input as Input)['id']));
			return deleted;
		},
		deleteCustomer({ id }) {
			shop.remove('customers', Number(id));
			return deleted;
		}
	};
}
