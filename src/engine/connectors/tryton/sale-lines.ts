import { z } from 'zod';
import { linesText, type OrderLine } from '#src/sync/order-lines.ts';
import { tagNames, wireDecimal, wireId, wireTag } from './wire.ts';

/** What is read of every line of a sale. */
export const saleLineSchema = z.object({
	id: wireId,
	...wireTag,
	sequence: z.number().int().nullable(),
	type: z.string(),
	description: z.string().nullable(),
	quantity: z.number().nullable(),
	unit_price: wireDecimal.nullable(),
	amount: wireDecimal.nullable(),
	'unit.': z.object({ id: wireId, symbol: z.string().nullable() }).nullable(),
	'product.': z
		.object({ id: wireId, template: wireId, 'template.': z.object({ name: z.string().nullable() }) })
		.nullable()
});
type SaleLine = z.output<typeof saleLineSchema>;

export const saleLineColumns = [
	...['sequence', 'type', 'description', 'quantity', 'unit_price', 'amount'],
	...['unit.symbol', 'product.template', 'product.template.name'],
	...tagNames
];

/**
 * The lines of a sale as one value, in the order of Tryton's screen, or why they cannot be told. Titles and comments are lines
 * without an amount; a subtotal says again what the lines above it say, and is left out.
 */
export function saleLines(rows: readonly SaleLine[]): { value: string | null } | { unreadable: string } {
	const shown = rows.filter(({ type }) => type !== 'subtotal').toSorted(inOrder);
	const odd = shown.find(({ quantity }) => quantity !== null && !/^-?\d+(\.\d+)?$/.test(String(quantity)));
	if (odd) return { unreadable: `the quantity ${odd.quantity} of a line has too many digits` };
	return { value: linesText(shown.map((row, at) => lineOf(row, String(at + 1)))) };
}

function lineOf(row: SaleLine, line: string): OrderLine {
	const { 'product.': product, 'unit.': unit, description, quantity, unit_price: price, amount } = row;
	const isCounted = row.type === 'line';
	return {
		line,
		product: product && `${product.template}/${product.id}`,
		text: description ?? product?.['template.'].name ?? null,
		quantity: quantity === null ? null : String(quantity),
		unit: unit?.symbol ?? null,
		price,
		amount: isCounted ? amount : null,
		// Tryton works taxes out for the whole sale.
		tax: null
	};
}

/** As Tryton sorts: those without a place first. */
function inOrder(one: SaleLine, other: SaleLine): number {
	return (one.sequence ?? -Infinity) === (other.sequence ?? -Infinity)
		? one.id - other.id
		: (one.sequence ?? -Infinity) - (other.sequence ?? -Infinity);
}
