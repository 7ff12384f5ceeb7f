import { expect, test } from 'vitest';
import { linesWords } from './line-words.ts';

const line = (product: string, text: string) =>
	linesWords(JSON.stringify([{ line: '1', product, text, quantity: '2' }]));

test('a text of a line is left out where it is the name of its product, and only there', () => {
	expect(line('P-1 Trail tent', 'Trail tent')).toBe('2 P-1 Trail tent');
	expect(line('P-1', 'P-1')).toBe('2 P-1');
	expect(line('P-1 Trail tent', 'tent')).toBe('2 P-1 Trail tent · tent');
	expect(line('P-1 Trail tent', '')).toBe('2 P-1 Trail tent');
});
