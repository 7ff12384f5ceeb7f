import type { VendureClient } from './client.ts';

/** A way to send and a way to pay, without which Vendure takes no order. Sending costs 5.00 without tax. */
export async function prepareOrders(client: VendureClient): Promise<void> {
	await client.call('mutation ($input: CreateShippingMethodInput!) { createShippingMethod(input: $input) { id } }', {
		input: {
			code: 'post',
			fulfillmentHandler: 'manual-fulfillment',
			checker: { code: 'default-shipping-eligibility-checker', arguments: [{ name: 'orderMinimum', value: '0' }] },
			calculator: {
				code: 'default-shipping-calculator',
				arguments: [
					{ name: 'rate', value: '500' },
					{ name: 'includesTax', value: 'exclude' },
					{ name: 'taxRate', value: '19' }
				]
			},
			translations: [{ languageCode: 'en', name: 'Post', description: '' }]
		}
	});
	await client.call('mutation ($input: CreatePaymentMethodInput!) { createPaymentMethod(input: $input) { id } }', {
		input: {
			code: 'bill',
			enabled: true,
			handler: {
				code: 'dummy-payment-handler',
				arguments: [{ name: 'automaticSettle', value: 'true' }]
			},
			translations: [{ languageCode: 'en', name: 'Bill', description: '' }]
		}
	});
}

type Result = { result: { __typename: string; message?: string } };

/** Places an order as a person at the shop would, paid; answers its id. */
export async function placeOrder(
	client: VendureClient,
	{ customerId, variantId, quantity }: { customerId: string; variantId: string; quantity: number }
): Promise<string> {
	const { created } = await client.call<{ created: { id: string } }>('mutation { created: createDraftOrder { id } }');
	const orderId = created.id;
	const said = '__typename ... on ErrorResult { message }';
	const step = async (document: string, variables: object) => {
		const { result } = await client.call<Result>(document, { orderId, ...variables });
		if (result.__typename !== 'Order') throw new Error(`${result.__typename}: ${result.message}`);
	};
	await step(
		`mutation ($orderId: ID!, $input: AddItemToDraftOrderInput!) { result: addItemToDraftOrder(orderId: $orderId, input: $input) { ${said} } }`,
		{ input: { productVariantId: variantId, quantity } }
	);
	await step(
		`mutation ($orderId: ID!, $customerId: ID) { result: setCustomerForDraftOrder(orderId: $orderId, customerId: $customerId) { ${said} } }`,
		{ customerId }
	);
	await step(
		`mutation ($orderId: ID!, $input: CreateAddressInput!) { result: setDraftOrderShippingAddress(orderId: $orderId, input: $input) { __typename } }`,
		{ input: { fullName: 'Anna Alm', streetLine1: 'Weg 1', city: 'Berg', postalCode: '12345', countryCode: 'DE' } }
	);
	const { methods } = await client.call<{ methods: { id: string }[] }>(
		'query ($orderId: ID!) { methods: eligibleShippingMethodsForDraftOrder(orderId: $orderId) { id } }',
		{ orderId }
	);
	await step(
		`mutation ($orderId: ID!, $methodId: ID!) { result: setDraftOrderShippingMethod(orderId: $orderId, shippingMethodId: $methodId) { ${said} } }`,
		{ methodId: methods[0]?.id }
	);
	const move = `mutation ($orderId: ID!, $state: String!) { result: transitionOrderToState(id: $orderId, state: $state) { __typename ... on OrderStateTransitionError { message } } }`;
	await step(move, { state: 'ArrangingPayment' });
	await step(`mutation ($input: ManualPaymentInput!) { result: addManualPaymentToOrder(input: $input) { ${said} } }`, {
		input: { orderId, method: 'bill', transactionId: '1', metadata: {} }
	});
	await step(move, { state: 'PaymentSettled' }).catch(async (error: unknown) => {
		const { order } = await client.call<{ order: { state: string } }>('query ($id: ID!) { order(id: $id) { state } }', {
			id: orderId
		});
		if (order.state !== 'PaymentSettled') throw error;
	});
	return orderId;
}
