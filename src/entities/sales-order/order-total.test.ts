import fc from 'fast-check';
import { expect, it } from 'vitest';
import { negated, sumDecimals } from '#src/sync/decimal.ts';
import type { Fields } from '#src/sync/fields.ts';
import { objectionToOrder } from './order-total.ts';

const cents = (max: number) =>
	fc.integer({ min: 0, max }).map((units) => `${Math.floor(units / 100)}.${String(units % 100).padStart(2, '0')}`);
const orders = fc.record({
	lines: fc.array(fc.record({ quantity: fc.integer({ min: 0, max: 999 }).map(String), price: cents(10 ** 9) }), {
		maxLength: 8
	}),
	shipping: fc.option(cents(10_000), { nil: null }),
	discount: fc.option(cents(10_000), { nil: null }),
	tax: cents(10 ** 9)
});

/** What the parts come to, worked out in whole cents. */
function sumOf({
	lines,
	shipping,
	discount,
	tax
}: typeof orders extends fc.Arbitrary<infer Order> ? Order : never): bigint {
	const units = (text: string | null) => BigInt((text ?? '0.00').replace('.', ''));
	const goods = lines.reduce((sum, line) => sum + BigInt(line.quantity) * units(line.price), 0n);
	return goods + units(shipping) - units(discount) + units(tax);
}

const textOf = (units: bigint) =>
	sumDecimals([
		`${units < 0n ? '-' : ''}${String(units < 0n ? -units : units)
			.padStart(3, '0')
			.replace(/(\d\d)$/, '.$1')}`
	]);

it('takes over an order whose parts give its total to the cent, and no other', () => {
	fc.assert(
		fc.property(orders, fc.integer({ min: -3, max: 3 }), (order, off) => {
			const total = textOf(sumOf(order) + BigInt(off));
			const fields: Fields = { ...order, lines: JSON.stringify(order.lines), total };
			expect(objectionToOrder(fields) === null).toBe(off === 0);
		})
	);
});

const base: Fields = {
	lines: '[{"quantity":"3","price":"3.333"}]',
	shipping: null,
	discount: null,
	tax: null,
	total: '10'
};

it('counts in whole cents: what is finer is rounded', () => {
	expect(objectionToOrder(base)).toBeNull();
	expect(objectionToOrder({ ...base, total: '9.99' })).toMatchObject({ kind: 'order-total', field: 'total' });
});

it('takes the tax of the lines where the order names none', () => {
	const lines = '[{"amount":"10","tax":"1.90"},{"amount":"5","tax":"0.95"}]';
	expect(objectionToOrder({ ...base, lines, total: '17.85' })).toBeNull();
	expect(objectionToOrder({ ...base, lines, tax: '0', total: '15' })).toBeNull();
});

it('says both sums, and what is missing', () => {
	expect(objectionToOrder({ ...base, discount: '1.5', total: '10.000000' })?.message).toBe(
		"Lines 9.999 + shipping 0.00 - discount 1.50 + tax 0.00 come to 8.499, but the order's total is 10.00."
	);
	expect(objectionToOrder({ ...base, total: null })).toMatchObject({ kind: 'order-total' });
	expect(objectionToOrder({ ...base, lines: '[{"line":"1"},{"line":"1"}]' })).toMatchObject({ kind: 'order-lines' });
	expect(negated('0')).toBe('0');
});
