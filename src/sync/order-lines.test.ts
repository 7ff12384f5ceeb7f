import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from './fields.ts';
import { amountOf, linesText, parseLines, productsIn, withProducts, type OrderLine } from './order-lines.ts';
import { sidesAgree, translated, unlinkedIn, type ReferenceLinks } from './reference.ts';

const decimal = fc
	.bigInt({ min: -(10n ** 12n), max: 10n ** 12n })
	.map((units) => `${units / 1000n}.${String((units < 0n ? -units : units) % 1000n).padStart(3, '0')}`);
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const line = fc.record({
	product: orNull(fc.constantFrom('1', '2', '30')),
	text: orNull(fc.string()),
	quantity: orNull(decimal),
	unit: orNull(fc.constantFrom('piece', 'kg')),
	price: orNull(decimal),
	amount: orNull(decimal),
	tax: orNull(decimal)
});
const lists = fc.array(line, { maxLength: 6 });
const numbered = (lines: readonly object[]) => lines.map((one, at) => ({ line: String(at + 1), ...one }));

const rule = { name: 'lines', type: 'lines', normal: (value: string | boolean | null) => value } as const;
const links = (pairs: readonly (readonly [string, string])[]): Readonly<Record<string, ReferenceLinks>> => ({
	lines: {
		toExternal: Object.fromEntries(pairs),
		toInternal: Object.fromEntries(pairs.map(([ours, theirs]) => [theirs, ours]))
	}
});

describe('lines of an order', () => {
	it('have one form, whatever their order and however their numbers are written', () => {
		fc.assert(
			fc.property(lists, (lines) => {
				const text = canonical('lines', JSON.stringify(numbered(lines)));
				expect(canonical('lines', text)).toBe(text);
				expect(canonical('lines', JSON.stringify(numbered(lines).toReversed()))).toBe(text);
			})
		);
		const written = '[{"line":2,"quantity":"1.50","price":"+3","product":" 7 "},{"line":"1","text":""}]';
		expect(parseLines(written)).toMatchObject([
			{ line: '1', text: null },
			{ line: '2', quantity: '1.5', price: '3', product: '7' }
		]);
	});

	it('are counted where they have no numbers; no line is no value', () => {
		expect(parseLines('[{"text":"a"},{"text":"b"}]')?.map(({ line: number }) => number)).toEqual(['1', '2']);
		expect(canonical('lines', '[]')).toBeNull();
		expect(linesText([])).toBeNull();
		expect(parseLines(null)).toEqual([]);
	});

	it.each([
		'{}',
		'no list',
		'[1]',
		'[{"line":"1"},{"line":1}]',
		'[{"quantity":2.5}]',
		'[{"quantity":"two"}]',
		'[{"line":"1.5"}]',
		'[{"product":7}]'
	])('are none in %s', (text) => {
		expect(parseLines(text)).toBeNull();
	});

	it('come to their amount, else to quantity times price, exactly', () => {
		const [one, other] =
			parseLines('[{"quantity":"3","price":"0.1"},{"quantity":"3","price":"0.1","amount":"0.29"}]') ?? [];
		expect(amountOf(one as OrderLine)).toBe('0.3');
		expect(amountOf(other as OrderLine)).toBe('0.29');
	});
});

describe('products in lines', () => {
	it('go over to the other side and back, whatever is in the lines', () => {
		fc.assert(
			fc.property(lists, (lines) => {
				const ours = canonical('lines', JSON.stringify(numbered(lines)));
				const known = links([
					['1', 'E1'],
					['2', 'E2/v'],
					['30', 'E3']
				]);
				const theirs = translated(rule, known, 'internal', ours);
				expect(sidesAgree(rule, known, ours, theirs)).toBe(true);
				expect(translated(rule, known, 'external', theirs)).toBe(ours);
			})
		);
	});

	it('without a link are named each once, and keep the two sides apart', () => {
		const theirs = '[{"product":"E1"},{"product":"E9"},{"product":"E9"},{"text":"fee"}]';
		const known = links([['1', 'E1']]);
		expect(productsIn(theirs)).toEqual(['E1', 'E9']);
		expect(unlinkedIn('lines', known['lines'], 'external', theirs)).toEqual(['E9']);
		expect(
			sidesAgree(
				rule,
				known,
				withProducts(theirs, (id) => (id === 'E1' ? '1' : undefined)),
				theirs
			)
		).toBe(false);
	});
});
