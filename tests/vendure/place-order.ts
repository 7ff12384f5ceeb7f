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

type Result = { result: { __typename: string; message?: string; id?: string } };
const said = '__typename ... on ErrorResult { message }';

/** Throws where the shop refused. */
async function step(client: VendureClient, document: string, variables: object, becomes = 'Order') {
	const { result } = await client.call<Result>(document, variables);
	if (result.__typename !== becomes) throw new Error(`${result.__typename}: ${result.message}`);
	return result;
}

/** Packs all of an order, as a person at the shop would; answers the id of the parcel. */
export async function packOrder(client: VendureClient, orderId: string): Promise<string> {
	const { order } = await client.call<{ order: { lines: { id: string; quantity: number }[] } }>(
		'query ($id: ID!) { order(id: $id) { lines { id quantity } } }',
		{ id: orderId }
	);
	const handler = {
		code: 'manual-fulfillment',
		arguments: [
			{ name: 'method', value: 'post' },
			{ name: 'trackingCode', value: '1' }
		]
	};
	const lines = order.lines.map(({ id, quantity }) => ({ orderLineId: id, quantity }));
	const packed = await step(
		client,
		`mutation ($input: FulfillOrderInput!) { result: addFulfillmentToOrder(input: $input) { ${said} ... on Fulfillment { id } } }`,
		{ input: { lines, handler } },
		'Fulfillment'
	);
	return packed.id ?? '';
}

/** What becomes of a parcel: "Shipped", then "Delivered". */
export async function moveParcel(client: VendureClient, parcelId: string, state: string): Promise<void> {
	const document = `mutation ($id: ID!, $state: String!) { result: transitionFulfillmentToState(id: $id, state: $state) { ${said} } }`;
	await step(client, document, { id: parcelId, state }, 'Fulfillment');
}

const cancelDocument = `mutation ($input: CancelOrderInput!) { result: cancelOrder(input: $input) { ${said} } }`;

export async function cancelOrder(client: VendureClient, orderId: string): Promise<void> {
	await step(client, cancelDocument, { input: { orderId, reason: 'changed their mind', cancelShipping: true } });
}

/** Takes one piece of the first line out of an order. */
export async function cancelOnePiece(client: VendureClient, orderId: string): Promise<void> {
	const { order } = await client.call<{ order: { lines: { id: string }[] } }>(
		'query ($id: ID!) { order(id: $id) { lines { id } } }',
		{ id: orderId }
	);
	const lines = [{ orderLineId: order.lines[0]?.id, quantity: 1 }];
	await step(client, cancelDocument, { input: { orderId, lines, reason: 'one is enough' } });
}

/** Pays an amount of an order back, in minor units. */
export async function refund(client: VendureClient, orderId: string, amount: number): Promise<void> {
	const { order } = await client.call<{ order: { payments: { id: string }[] } }>(
		'query ($id: ID!) { order(id: $id) { payments { id } } }',
		{ id: orderId }
	);
	const document = `mutation ($input: RefundOrderInput!) { result: refundOrder(input: $input) { ${said} } }`;
	const parts = { lines: [], shipping: 0, adjustment: 0 };
	const input = { paymentId: order.payments[0]?.id, amount, reason: 'one less', ...parts };
	await step(client, document, { input }, 'Refund');
}

/** Places an order as a person at the shop would, paid; answers its id. */
export async function placeOrder(
	client: VendureClient,
	{ customerId, variantId, quantity }: { customerId: string; variantId: string; quantity: number }
): Promise<string> {
	const { created } = await client.call<{ created: { id: string } }>('mutation { created: createDraftOrder { id } }');
	const orderId = created.id;
	const take = (document: string, variables: object) => step(client, document, { orderId, ...variables });
	await take(
		`mutation ($orderId: ID!, $input: AddItemToDraftOrderInput!) { result: addItemToDraftOrder(orderId: $orderId, input: $input) { ${said} } }`,
		{ input: { productVariantId: variantId, quantity } }
	);
	await take(
		`mutation ($orderId: ID!, $customerId: ID) { result: setCustomerForDraftOrder(orderId: $orderId, customerId: $customerId) { ${said} } }`,
		{ customerId }
	);
	await take(
		`mutation ($orderId: ID!, $input: CreateAddressInput!) { result: setDraftOrderShippingAddress(orderId: $orderId, input: $input) { __typename } }`,
		{ input: { fullName: 'Anna Alm', streetLine1: 'Weg 1', city: 'Berg', postalCode: '12345', countryCode: 'DE' } }
	);
	const { methods } = await client.call<{ methods: { id: string }[] }>(
		'query ($orderId: ID!) { methods: eligibleShippingMethodsForDraftOrder(orderId: $orderId) { id } }',
		{ orderId }
	);
	await take(
		`mutation ($orderId: ID!, $methodId: ID!) { result: setDraftOrderShippingMethod(orderId: $orderId, shippingMethodId: $methodId) { ${said} } }`,
		{ methodId: methods[0]?.id }
	);
	const move = `mutation ($orderId: ID!, $state: String!) { result: transitionOrderToState(id: $orderId, state: $state) { __typename ... on OrderStateTransitionError { message } } }`;
	await take(move, { state: 'ArrangingPayment' });
	await take(`mutation ($input: ManualPaymentInput!) { result: addManualPaymentToOrder(input: $input) { ${said} } }`, {
		input: { orderId, method: 'bill', transactionId: '1', metadata: {} }
	});
	await take(move, { state: 'PaymentSettled' }).catch(async (error: unknown) => {
		const { order } = await client.call<{ order: { state: string } }>('query ($id: ID!) { order(id: $id) { state } }', {
			id: orderId
		});
		if (order.state !== 'PaymentSettled') throw error;
	});
	return orderId;
}
