import { describe, expect, it } from 'vitest';
import { objectionToOrder } from '#src/entities/sales-order/order-total.ts';
import { parseLines } from '#src/sync/order-lines.ts';
import { parseJson } from '../parse-json.ts';
import { codecOf, decode, refusalOf } from './codec.ts';
import { field as fieldSchema } from './field-settings.ts';

const parts = { line: 'no', product: '/article/id', text: 'title', quantity: 'pieces', unit: 'unit', price: 'each' };
const lines = (more: object = {}) =>
	fieldSchema.parse({ name: 'lines', at: 'positions', label: 'Positions', as: 'lines', ...parts, ...more });
const read = (json: string, more: object = {}) => decode(lines(more), parseJson(json, 'shop', { exactNumbers: true }));
const linesOf = (decoded: ReturnType<typeof decode>) => ('value' in decoded ? parseLines(decoded.value) : decoded);

describe('lines of an order', () => {
	it('are read from the places of their parts, with every digit', () => {
		const json = `[{"no":2,"article":null,"title":"Gift wrap","pieces":1,"each":"0"},
			{"no":1,"article":{"id":77},"pieces":"2.50","unit":"kg","each":12.10000000000000000001}]`;
		expect(linesOf(read(json))).toMatchObject([
			{ line: '1', product: '77', quantity: '2.5', unit: 'kg', price: '12.10000000000000000001' },
			{ line: '2', product: null, text: 'Gift wrap', quantity: '1', unit: null, price: '0' }
		]);
	});

	it('may have their money in cents; what they come to is checked in full', () => {
		const decoded = read('[{"pieces":3,"each":1999}]', { line: undefined, minorUnits: 2 });
		expect(linesOf(decoded)).toMatchObject([{ line: '1', price: '19.99' }]);
		const value = 'value' in decoded ? decoded.value : null;
		expect(objectionToOrder({ lines: value, total: '59.97' })).toBeNull();
		expect(objectionToOrder({ lines: value, total: '59.98' })).toMatchObject({ kind: 'order-total' });
	});

	it('are none in an order without any', () => {
		expect(read('[]')).toEqual({ value: null });
		expect(read('null')).toEqual({ value: null });
	});

	it.each([
		['{"no":1}', 'drift'],
		['[{"no":1,"each":1}]', 'drift'],
		['[{"no":1,"pieces":true,"each":1}]', 'drift'],
		['[{"no":1,"pieces":"two","each":1}]', 'unreadable'],
		['[{"no":1,"pieces":1,"each":1},{"no":1,"pieces":1,"each":1}]', 'unreadable'],
		['[{"no":"A-1","pieces":1,"each":1}]', 'unreadable'],
		['[{"no":1,"pieces":1,"each":1,"title":"\\ud800"}]', 'unreadable']
	])('cost nobody else anything where they are broken: %s', (json, how) => {
		expect(read(json)).toHaveProperty(how);
	});

	it('are never sent', () => {
		expect(codecOf(lines())).toMatchObject({ type: 'lines', readOnly: true });
		expect(refusalOf(lines(), '[]')).toContain('cannot be written');
	});
});
