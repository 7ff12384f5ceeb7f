import { z } from 'zod';
import type { ErpRecord, ErpStore } from './erp-store.ts';

export const orderStates = ['open', 'paid', 'shipped', 'cancelled'] as const;
export const orderState = z.enum(orderStates, `The state is one of: ${orderStates.join(', ')}`);

/** A line of an order as people write it: product, pieces, price of one without tax, and what it is called. "-" is no product. */
const written = /^(\S+)\s+(\d{1,6})\s+(\d{1,9}(?:\.\d{1,2})?)(?:\s+(.*\S))?\s*$/;

/** The lines of an order, one in each line of a text. */
export const orderLines = z
	.string()
	.nullable()
	.transform((text) => linesIn(text).join('\n'))
	.refine(
		(text) => linesIn(text).every((line) => written.test(line)),
		'A line is: id of the product, pieces, price of one: 70001 2 45.50'
	);

function linesIn(text: string | null): string[] {
	return (text ?? '').split(/\r?\n/).flatMap((line) => line.trim() || []);
}

/** An order as the shop tells it. */
export function shownOrder({ values }: ErpRecord, store: Pick<ErpStore, 'get'>): Record<string, unknown> {
	const positions = linesIn(String(values['lines'] ?? '')).map((line, at) => {
		const [, product = '-', pieces = '0', each = '0', words] = written.exec(line) ?? [];
		const title = words ?? store.get('products', product)?.values['name'] ?? null;
		return {
			no: at + 1,
			article: product === '-' ? null : product,
			title,
			pieces: Number(pieces),
			each_cents: cents(each)
		};
	});
	return {
		number: values['code'],
		buyer: values['name'],
		placed: values['placed'],
		state: values['state'],
		positions,
		shipping_cents: cents(values['shipping']),
		rebate_cents: cents(values['discount']),
		tax_cents: cents(values['tax']),
		total_cents: cents(values['total']),
		currency: 'EUR'
	};
}

/** What the form of a new order begins with. */
export function newOrder(store: Pick<ErpStore, 'all'>, nowMs: number) {
	const numbers = store.all('orders').map(({ values }) => Number(/(\d+)$/.exec(String(values['code']))?.[1] ?? 0));
	return {
		code: `S-${Math.max(5000, ...numbers) + 1}`,
		placed: new Date(nowMs).toISOString(),
		state: 'open',
		shipping: '0.00',
		discount: '0.00',
		tax: '0.00'
	};
}

/** Whole cents of an amount as it is kept. */
export function cents(amount: unknown): number | null {
	return typeof amount === 'string' ? Math.round(Number(amount) * 100) : null;
}
