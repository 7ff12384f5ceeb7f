import { expect, it } from 'vitest';
import { isReservedName, nameForLabel, withCustomFields } from './custom-fields.ts';
import { product } from './product/index.ts';

it('names what columns, fields and JavaScript mean already', () => {
	for (const name of ['value', 'rev', 'attributes', 'm_product_category_id', 'category', 'constructor', 'was'])
		expect([name, isReservedName(product, name)]).toEqual([name, true]);
	expect(isReservedName(product, 'colour')).toBe(false);
});

it('makes a name from a label, where there is anything to make it from', () => {
	expect(nameForLabel('Colour (RAL)')).toBe('colour_ral');
	expect(nameForLabel(' Größe / Höhe ')).toBe('grosse_hohe');
	expect(nameForLabel('3rd party')).toBe('rd_party');
	expect(nameForLabel('长度')).toBe('');
	expect(nameForLabel('__proto__')).toBe('proto');
});

it('leaves an entity as it is where nothing was added, and puts what was behind its own fields', () => {
	expect(withCustomFields(product, [])).toBe(product);
	const colour = { name: 'colour', label: 'Colour', type: 'text', maxLength: 20, scale: null } as const;
	expect(withCustomFields(product, [colour]).fields.at(-1)).toEqual({
		name: 'colour',
		label: 'Colour',
		type: 'text',
		attribute: true,
		maxLength: 20
	});
	expect(product.fields.some(({ name }) => name === 'colour')).toBe(false);
});
