import { decimalWords, type Shown } from './value-words.ts';

/** One line of an order as a page shows it. */
export type ShownLine = {
	line: string;
	/** What was ordered: the product, or the text where there is none. */
	what: string;
	quantity: string;
	price: string;
	amount: string;
	tax: string;
};

/** The lines that a value holds; null for what is no list of lines. */
export function shownLines(value: Shown): ShownLine[] | null {
	const found = typeof value === 'string' ? parsed(value) : null;
	return Array.isArray(found) ? found.map(shownLine) : null;
}

/** The lines in one text: "2 piece TENT · 249.00; 1 PEGS · 9.50". */
export function linesWords(value: string): string {
	const lines = shownLines(value);
	if (lines === null) return value;
	return lines
		.map(({ quantity, what, price }) => [`${quantity} ${what}`.trim(), price].filter(Boolean).join(' · '))
		.join('; ');
}

function shownLine(given: unknown): ShownLine {
	const line = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
	const text = (name: string) => (typeof line[name] === 'string' ? line[name] : '');
	const number = (name: string) => (text(name) === '' ? '' : decimalWords(text(name)));
	const quantity = text('quantity')
		.replace(/(\.\d*?)0+$/, '$1')
		.replace(/\.$/, '');
	return {
		line: text('line'),
		what: whatWords(text('product'), text('text')),
		quantity: [quantity, text('unit')].filter(Boolean).join(' '),
		price: number('price'),
		amount: number('amount'),
		tax: number('tax')
	};
}

/** A text that only says the product's name again, which stands behind its code, is left out: any other one may be what differs. */
function whatWords(product: string, text: string): string {
	const again = product === text || product.slice(product.indexOf(' ') + 1) === text;
	return [product, again ? '' : text].filter(Boolean).join(' · ');
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return null;
	}
}
