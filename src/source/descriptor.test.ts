import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { descriptorFile, parseDescriptor } from './descriptor.ts';

const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/source.example.json'), 'utf8');
const mistakes = (from: string | RegExp, to: string) => {
	try {
		parseDescriptor(text.replace(from, to), 'product.json');
		return 'none';
	} catch (error) {
		return error instanceof Error ? error.message : '';
	}
};

test('the example of the documentation is read', () => {
	expect(parseDescriptor(text, 'product.json')).toMatchObject({
		entity: 'product',
		relation: { schema: 'host', name: 'articles' },
		fields: { value: { column: 'sku', write: true }, description: { write: false }, currency: { constant: 'EUR' } },
		scope: [
			{ column: 'company', in: [7] },
			{ column: 'archived_at', in: [null] }
		],
		version: { kind: 'content' },
		write: { kind: 'columns' }
	});
});

test.each([
	['"product"', '"products"', /^product\.json:2: entity: /],
	['"host.articles"', '"articles"', 'product.json:3: relation: name schema and object, such as "host.articles"'],
	['"name": "title",', '', 'product.json:5: fields: name is missing: every record has one'],
	['"list_price"', '7', /^product\.json:9: fields\.price: name a column/],
	['"price"', '"prize"', 'product.json:9: fields.prize: there is no such field'],
	['"value": "sku"', '"value": { "constant": "A" }', /^product\.json:6: fields\.value: tells records apart/],
	['{ "constant": "EUR" }', '{ "constant": true }', 'product.json:10: fields.currency.constant: is no text'],
	['"content"', '"date"', 'product.json:17: version: must be "xmin", "content" or { "rev": COLUMN }'],
	['"write": "columns"', '"write": "all"', /^product\.json:18: write: must be "columns"/],
	['"product"', '"product-price"', /^product\.json:2: entity: Product prices cannot be kept elsewhere/],
	['"updatedAt"', '"updated"', /^product\.json:1: Unrecognized key/],
	['}', '', /^product\.json is not valid JSON/]
])('%s -> %s is named with its line', (from, to, words) => {
	expect(mistakes(from, to)).toMatch(words);
});

test('the published JSON Schema is that of the file, and a file may name it', async () => {
	const schema = {
		title: 'Where records of ours are kept',
		...z.toJSONSchema(descriptorFile, { io: 'input', reused: 'ref' })
	};
	await expect(`${JSON.stringify(schema, null, '\t')}\n`).toMatchFileSnapshot('../../docs/source.schema.json');
	expect(mistakes('{', '{ "$schema": "source.schema.json",')).toBe('none');
});
