import type { LinkProblem } from '#src/entities/map-table.ts';
import { negated, sumDecimals } from '#src/sync/decimal.ts';
import { roundDecimal, type Fields } from '#src/sync/fields.ts';
import { amountOf, parseLines, type OrderLine } from '#src/sync/order-lines.ts';

const hint = 'Correct the order at the channel; it is then taken over by itself.';

/**
 * Why an order cannot be taken over, or null: its lines are no list of lines, it names no total, or lines and shipping less
 * discount with tax do not come to that total, to the cent. The tax of the order is that of its lines where it names none.
 */
export function objectionToOrder(fields: Fields): LinkProblem | null {
	const lines = parseLines(fields['lines'] ?? null);
	if (lines === null) {
		const message = 'The lines of the order are not a list of lines, each with a number of its own.';
		return { kind: 'order-lines', message, hint, field: 'lines' };
	}
	const total = amountIn(fields, 'total');
	if (total === null) return { kind: 'order-total', message: 'The order names no total.', hint, field: 'total' };
	const parts = partsOf(fields, lines);
	const sum = sumDecimals([parts.lines, parts.shipping, negated(parts.discount), parts.tax]);
	if (roundDecimal(sum, 2) === roundDecimal(total, 2)) return null;
	const [ofLines, shipping, discount, tax] = [parts.lines, parts.shipping, parts.discount, parts.tax].map(money);
	const message = `Lines ${ofLines} + shipping ${shipping} - discount ${discount} + tax ${tax} come to ${money(sum)}, but the order's total is ${money(total)}.`;
	return { kind: 'order-total', message, hint, field: 'total' };
}

function partsOf(fields: Fields, lines: readonly OrderLine[]) {
	return {
		lines: sumDecimals(lines.map(amountOf)),
		shipping: amountIn(fields, 'shipping') ?? '0',
		discount: amountIn(fields, 'discount') ?? '0',
		tax: amountIn(fields, 'tax') ?? sumDecimals(lines.map((line) => line.tax ?? '0'))
	};
}

function amountIn(fields: Fields, name: string): string | null {
	const value = fields[name] ?? null;
	return value === null || String(value).trim() === '' ? null : String(value);
}

function money(amount: string): string {
	const rounded = roundDecimal(amount, 6).replace(/0+$/, '').replace(/\.$/, '');
	const [whole = '0', fraction = ''] = rounded.split('.');
	return `${whole}.${fraction.padEnd(2, '0')}`;
}
