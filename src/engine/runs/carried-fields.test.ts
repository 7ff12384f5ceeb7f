import { describe, expect, it } from 'vitest';
import type { FieldCodec } from '../connectors/connector.ts';
import { carriedFields, shownReasons } from './carried-fields.ts';

const field = (name: string): FieldCodec => ({ name, type: 'text', label: name, normal: (value) => value });
const rules = ['name', 'description', 'parent'].map(field);

describe('a record that only shows some of its fields', () => {
	it('carries the others, as all do that say nothing of it', () => {
		const fields = { name: 'Tent', description: 'Light', parent: '12' };
		expect(carriedFields({ fields })).toBe(fields);
		expect(carriedFields({ fields, shownOnly: ['name'] })).toEqual({ description: 'Light', parent: '12' });
	});

	it('says of those that differ why nothing is done about them', () => {
		const theirs = { fields: { name: 'Tent', description: 'Light', parent: null }, shownOnly: ['name', 'parent'] };
		const ours = { name: 'Tent, red', description: 'Heavy', parent: '5' };
		expect(shownReasons(rules, ours, theirs, undefined)).toMatchObject([
			{ field: 'name', verdict: 'keep', rule: 'carried-elsewhere' }
		]);
		expect(shownReasons(rules, { ...ours, name: 'Tent' }, theirs, undefined)).toEqual([]);
	});
});
