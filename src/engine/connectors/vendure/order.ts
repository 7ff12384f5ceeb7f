import { z } from 'zod';
import { canonical, type Fields, type FieldType } from '#src/sync/fields.ts';
import { linesText, type OrderLine } from '#src/sync/order-lines.ts';
import type { ExternalRecord, FieldCodec, WriteReply } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { normalForms, readable } from '../readable.ts';
import { idText, isListedId, stampSchema, type VendureEntity, type VendureRow } from './entity.ts';
import { priceOf } from './money.ts';
import { type Mutation, planEach, untold } from './planned-write.ts';
import { parsed } from './reply-error.ts';
import type { VendureSettings } from './settings.ts';

const orderSchema = z.object({
	id: idText,
	updatedAt: stampSchema,
	type: z.string(),
	code: z.string(),
	state: z.string(),
	orderPlacedAt: stampSchema,
	currencyCode: z.string(),
	customer: z.object({ id: idText, firstName: z.string(), lastName: z.string() }).nullable(),
	lines: z.array(
		z.object({
			id: idText,
			quantity: z.number().int(),
			unitPrice: z.number(),
			proratedLinePrice: z.number(),
			lineTax: z.number(),
			productVariant: z.object({ id: idText, name: z.string(), product: z.object({ id: idText }) })
		})
	),
	surcharges: z.array(z.object({ description: z.string(), price: z.number(), priceWithTax: z.number() })),
	shipping: z.number(),
	total: z.number(),
	totalWithTax: z.number()
});
type RawOrder = z.output<typeof orderSchema>;

const selection = `id updatedAt type code state orderPlacedAt currencyCode customer { id firstName lastName }
	lines { id quantity unitPrice proratedLinePrice lineTax productVariant { id name product { id } } }
	surcharges { description price priceWithTax } shipping total totalWithTax`;

/**
 * An order that was placed: no cart, no draft, and not the part of another order that belongs to one seller. Its amounts are
 * without tax and after all discounts, so that lines and shipping with the tax come to what is to be paid. Only its state is
 * written, by the steps that Vendure allows.
 */
export function orderEntity(settings: VendureSettings, from: string): VendureEntity {
	const row = (raw: RawOrder): VendureRow => {
		const told = fieldsOf(raw, settings.priceDecimals);
		const record: ExternalRecord = {
			id: raw.id,
			variantId: '',
			version: null,
			stamp: raw.updatedAt,
			...told,
			reference: null,
			...(settings.dashboardUrl !== undefined && { url: `${settings.dashboardUrl}/orders/${raw.id}` })
		};
		return { record, state: {} };
	};
	return {
		type: 'Order',
		fields: codecs,
		stampCovers: codecs.map(({ name }) => name),
		fingerprint: `vendure/sales-order/1/${settings.priceDecimals}`,
		list: 'orders',
		optionsType: 'OrderListOptions',
		only: { orderPlacedAt: { isNull: false } },
		selection: () => selection,
		rows(raw) {
			const order = parsed(orderSchema, raw, from, 'orders');
			return order.type === 'Seller' ? [] : [row(order)];
		},
		isGuarded: () => false,
		listedId: ({ id, variantId }) => (isListedId(id) && variantId === '' ? id : null),
		withCode: (text) => [{ code: { eq: text } }],
		matching: (pattern) => [{ code: { contains: pattern } }, { customerLastName: { contains: pattern } }],
		planUpdates: (inputs) =>
			planEach(inputs, ({ row: { record }, fields }) => {
				const { status = null } = normalForms(codecs, fields);
				const step: Mutation = {
					field: 'transitionOrderToState',
					types: { id: 'ID!', state: 'String!' },
					values: { id: record.id, state: String(status ?? '') },
					selection: '__typename ... on OrderStateTransitionError { message transitionError }'
				};
				return { mutations: [step], replyOf: (answer) => stepTaken(answer, from) };
			})
	};
}

const movedSchema = z
	.object({ __typename: z.string(), message: z.string().optional(), transitionError: z.string().optional() })
	.nullable();

/** Throws `rejected` with the reason where the order is as it was. */
function stepTaken(answer: unknown, from: string): WriteReply {
	const moved = parsed(movedSchema, answer, from, 'a write');
	if (moved === null || moved.__typename === 'Order') return untold;
	const reply = [moved.message, moved.transitionError].filter(Boolean).join(' ');
	const hint = `${from} does not take this step: ${reply} Choose a state that can follow there, or do it in Vendure.`;
	throw new ConnectorError('rejected', { hint, reply });
}

const field = (name: string, label: string, type: FieldType = 'text'): FieldCodec => ({
	name,
	type,
	label,
	normal: (value) => canonical(type, value),
	...(name !== 'status' && { readOnly: true as const })
});

const codecs: readonly FieldCodec[] = [
	field('value', 'Code'),
	field('name', 'Customer'),
	field('business_partner', 'Customer'),
	field('ordered_at', 'Placed at', 'time'),
	field('status', 'State'),
	field('lines', 'Lines and surcharges', 'lines'),
	field('shipping', 'Shipping', 'decimal'),
	field('tax', 'Tax', 'decimal'),
	field('total', 'Total with tax', 'decimal'),
	field('currency', 'Currency')
];

function fieldsOf(raw: RawOrder, decimals: number): { fields: Fields; unreadable?: Readonly<Record<string, string>> } {
	const { customer } = raw;
	const known = readable(codecs, {
		value: raw.code,
		name: customer && ([customer.firstName, customer.lastName].filter(Boolean).join(' ') || null),
		business_partner: customer?.id ?? null,
		ordered_at: raw.orderPlacedAt,
		status: raw.state,
		currency: raw.currencyCode
	});
	const amounts = { shipping: raw.shipping, tax: raw.totalWithTax - raw.total, total: raw.totalWithTax };
	const fields: Record<string, string | boolean | null> = { ...known.fields };
	const unreadable: Record<string, string> = { ...known.unreadable };
	for (const [name, minor] of Object.entries(amounts)) {
		const amount = priceOf(minor, decimals);
		if ('value' in amount) fields[name] = amount.value;
		else unreadable[name] = amount.unreadable;
	}
	const lines = linesOf(raw, decimals);
	if (lines === null) unreadable['lines'] = 'an amount is no whole number of minor units';
	else fields['lines'] = lines;
	return Object.keys(unreadable).length > 0 ? { fields, unreadable } : { fields };
}

/** Its lines, then its surcharges, which have no product; null where an amount cannot be told. */
function linesOf({ lines, surcharges }: RawOrder, decimals: number): string | null {
	let isWhole = true;
	const money = (minor: number): string => {
		const amount = priceOf(minor, decimals);
		isWhole &&= 'value' in amount;
		return 'value' in amount ? amount.value : '0';
	};
	const byId = lines.toSorted((one, other) => one.id.localeCompare(other.id, 'en', { numeric: true }));
	const parts: Omit<OrderLine, 'line'>[] = [
		...byId.map(({ quantity, unitPrice, proratedLinePrice, lineTax, productVariant: { id, name, product } }) => ({
			product: `${product.id}/${id}`,
			text: name,
			quantity: String(quantity),
			unit: null,
			price: money(unitPrice),
			amount: money(proratedLinePrice),
			tax: money(lineTax)
		})),
		...surcharges.map(({ description, price, priceWithTax }) => ({
			...{ product: null, text: description, quantity: '1', unit: null },
			...{ price: money(price), amount: money(price), tax: money(priceWithTax - price) }
		}))
	];
	const numbered = parts.map((part, at) => ({ line: String(at + 1), ...part }));
	return isWhole ? (linesText(numbered) ?? '') : null;
}
