import { canonicalDecimal, timesDecimals } from './decimal.ts';
import { canonicalText } from './canonical-text.ts';

/** One line of an order. Amounts and quantities are decimal text. */
export type OrderLine = {
	/** A whole number that no other line of the order has. */
	line: string;
	/** Raw id of the product, ours on our side, the channel's on its side; null = none (a fee, a text). */
	product: string | null;
	text: string | null;
	quantity: string | null;
	unit: string | null;
	/** Of one unit, without tax. */
	price: string | null;
	/** Of the whole line, without tax; null = quantity times price. */
	amount: string | null;
	tax: string | null;
};

const numbers = ['quantity', 'price', 'amount', 'tax'] as const;
const texts = ['product', 'text', 'unit'] as const;

/** The parts of a line beside its number. */
export const orderLineParts = ['product', 'text', 'quantity', 'unit', 'price', 'amount', 'tax'] as const;

/**
 * The lines that a value holds, in the order of their numbers; a list without numbers is counted through. No value is no
 * line; null for what is no such list: two lines with one number, a quantity that is none.
 */
export function parseLines(value: string | boolean | null): OrderLine[] | null {
	if (value === null || String(value).trim() === '') return [];
	const found = parseJson(String(value));
	if (!Array.isArray(found)) return null;
	const lines = found.map((one: unknown, at) => lineFrom(one, at));
	if (!lines.every((line) => line !== null)) return null;
	if (new Set(lines.map(({ line }) => line)).size < lines.length) return null;
	return lines.toSorted((one, other) => Number(one.line) - Number(other.line));
}

/** Lines as one value; none is no value. */
export function linesText(lines: readonly OrderLine[]): string | null {
	if (lines.length === 0) return null;
	return JSON.stringify(
		lines.map(({ line, product, text, quantity, unit, price, amount, tax }) => {
			return { line, product, text, quantity, unit, price, amount, tax };
		})
	);
}

/** The form in which two lists are compared. What is no list is compared as text. */
export function canonicalLines(text: string): string | null {
	const lines = parseLines(text);
	return lines === null ? canonicalText(text) : linesText(lines);
}

/** Ids of the products that a value names, each once, in the order of the lines. */
export function productsIn(value: string | boolean | null): string[] {
	const ids = (parseLines(value) ?? []).map(({ product }) => product);
	return [...new Set(ids.filter((id) => id !== null))];
}

/** The value with other ids for its products; one without is left out of its line. */
export function withProducts(value: string | boolean | null, idOf: (id: string) => string | undefined): string | null {
	const lines = parseLines(value) ?? [];
	return linesText(
		lines.map((line) => ({ ...line, product: line.product === null ? null : (idOf(line.product) ?? null) }))
	);
}

/** What a line comes to, without tax. */
export function amountOf({ amount, quantity, price }: OrderLine): string {
	return amount ?? timesDecimals(quantity ?? '0', price ?? '0');
}

const mostLines = 2_147_483_647;

function lineFrom(one: unknown, at: number): OrderLine | null {
	if (typeof one !== 'object' || one === null || Array.isArray(one)) return null;
	const given = one as Record<string, unknown>;
	const number = String(given['line'] ?? at + 1);
	if (!/^\d{1,10}$/.test(number) || Number(number) > mostLines) return null;
	const line: Record<string, string | null> = { line: String(Number(number)) };
	for (const name of [...texts, ...numbers]) {
		const value = plain(given[name]);
		if (value === undefined) return null;
		line[name] = value;
	}
	for (const name of texts) line[name] = canonicalText(line[name] ?? '');
	for (const name of numbers) line[name] = canonicalDecimal(line[name] ?? '');
	const areNumbers = numbers.every((name) => /^-?\d+(\.\d+)?$/.test(line[name] ?? '0'));
	return areNumbers ? (line as OrderLine) : null;
}

/** Numbers would have lost digits already: only texts count. */
function plain(value: unknown): string | null | undefined {
	return value === null || value === undefined ? null : typeof value === 'string' ? value : undefined;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return null;
	}
}
