import { describe, expect, it } from 'vitest';
import {
	changedValues,
	fromFormValues,
	mergeForm,
	parseFormValues,
	recordFormSchema,
	toFormValues
} from './record-form.ts';

const fields = [
	{ name: 'value', label: 'SKU', type: 'text', required: true, maxLength: 5 },
	{ name: 'price', label: 'Price', type: 'decimal', scale: 2 },
	{ name: 'is_active', label: 'Active', type: 'boolean' }
];
const schema = recordFormSchema(fields);
const problems = (values: object) => {
	const parsed = schema.safeParse({ value: 'A', price: '', is_active: true, ...values });
	return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('.'));
};

describe('the form of a record', () => {
	it.each([{ value: '' }, { value: '  ' }, { value: 'ABCDEF' }, { value: 'A\u0000' }])(
		'refuses the code $value',
		(values) => {
			expect(problems(values)).toEqual(['value']);
		}
	);

	it.each(['abc', '1e5', '1.234', '12,50', '12345678901234', '.5', '1.'])('refuses the price %s', (price) => {
		expect(problems({ price })).toEqual(['price']);
	});

	it.each(['', '12', '-0.5', '12.50'])('takes the price "%s"', (price) => {
		expect(problems({ price })).toEqual([]);
	});

	it('shows decimals without superfluous zeros and stores an empty text as no value', () => {
		const values = toFormValues(fields, { value: 'A', price: '12.500000', is_active: false });
		expect(values).toEqual({ value: 'A', price: '12.50', is_active: false });
		expect(fromFormValues({ ...values, price: '' })).toEqual({ value: 'A', price: null, is_active: false });
	});

	it('lets untouched fields follow somebody else and reports what both changed', () => {
		const was = { name: 'Rope', price: '10', text: 'old' };
		const merged = mergeForm({
			was,
			typed: { ...was, name: 'Rope 2', price: '11' },
			now: { ...was, price: '12', text: 'new' }
		});
		expect(merged.values).toEqual({ name: 'Rope 2', price: '11', text: 'new' });
		expect(merged.clashes).toEqual([{ name: 'price', yours: '11', theirs: '12' }]);
	});

	it('does not call it a clash when both typed the same', () => {
		expect(mergeForm({ was: { price: '10' }, typed: { price: '12' }, now: { price: '12' } }).clashes).toEqual([]);
	});

	it('sends only what changed, and ignores a broken note of what was there', () => {
		expect(changedValues({ a: '1', b: true }, { a: '2', b: true })).toEqual({ a: '2' });
		expect(parseFormValues('{"a":1}')).toBeNull();
		expect(parseFormValues('nonsense')).toBeNull();
		expect(parseFormValues('{"a":"1","b":false}')).toEqual({ a: '1', b: false });
	});
});
