import { expect, test } from 'vitest';
import { learnRewriting, rewriteValue, type Rewriting } from './rewriting.ts';

const pairs = (...all: [string, string][]) => all.map(([sent, returned]) => ({ sent, returned }));

test.each<[string, ReturnType<typeof pairs>, Rewriting]>([
	['rounds', pairs(['1.255', '1.26'], ['2.004', '2'], ['3.1415', '3.14']), { kind: 'round', digits: 2 }],
	['rounds to whole', pairs(['1.5', '2'], ['2.4', '2'], ['3.1', '3']), { kind: 'round', digits: 0 }]
])('a channel that %s a number is known by it', (_, samples, learned) => {
	expect(learnRewriting('decimal', samples)).toEqual(learned);
});

test.each<[string, ReturnType<typeof pairs>, Rewriting]>([
	['joins blanks', pairs(['a  b', 'a b'], ['c \t d', 'c d'], ['e\nf', 'e f']), { kind: 'spaces' }],
	['writes in capitals', pairs(['lamp', 'LAMP'], ['Tent', 'TENT'], ['mug x', 'MUG X']), { kind: 'upper' }],
	['writes small', pairs(['LAMP', 'lamp'], ['Tent', 'tent'], ['Mug X', 'mug x']), { kind: 'lower' }],
	['drops mark-up', pairs(['<b>a</b>', 'a'], ['b<br>', 'b'], ['<i>c d</i>', 'c d']), { kind: 'mark-up' }],
	[
		'cuts',
		pairs(['Trail lamp red', 'Trail lam'], ['Storm tent 3', 'Storm ten'], ['Harbour mug', 'Harbour m']),
		{ kind: 'cut', length: 9 }
	]
])('a channel that %s a text is known by it', (_, samples, learned) => {
	expect(learnRewriting('text', samples)).toEqual(learned);
});

test('two samples prove nothing, however often they come', () => {
	const two = pairs(['lamp', 'LAMP'], ['tent', 'TENT']);
	expect(learnRewriting('text', [...two, ...two, ...two])).toBeNull();
});

test('what people edited is no rewriting', () => {
	expect(learnRewriting('text', pairs(['lamp', 'torch'], ['tent', 'shelter'], ['mug', 'cup']))).toBeNull();
	expect(learnRewriting('decimal', pairs(['10', '12'], ['11', '9.5'], ['12', '13']))).toBeNull();
});

test('one edit among many rewritten values does not hide the rewriting, many edits do', () => {
	const four = pairs(['lamp', 'LAMP'], ['tent', 'TENT'], ['mug', 'MUG'], ['axe', 'AXE']);
	expect(learnRewriting('text', [...four, ...pairs(['rope', 'cord'])])).toEqual({ kind: 'upper' });
	expect(learnRewriting('text', [...four, ...pairs(['rope', 'cord'], ['mat', 'rug'])])).toBeNull();
});

test('values that only look different are no evidence', () => {
	expect(learnRewriting('decimal', pairs(['1.50', '1.5'], ['2.00', '2'], ['3.10', '3.1']))).toBeNull();
	expect(learnRewriting('text', pairs([' a', 'a'], ['b ', 'b'], [' c ', 'c']))).toBeNull();
});

test('an emptied value is never taken for a rewritten one', () => {
	expect(learnRewriting('text', pairs(['<a>', ''], ['<b>', ''], ['<c>', '']))).toBeNull();
});

test.each<Rewriting>([
	{ kind: 'spaces' },
	{ kind: 'upper' },
	{ kind: 'lower' },
	{ kind: 'mark-up' },
	{ kind: 'round', digits: 2 },
	{ kind: 'cut', length: 5 }
])('$kind done twice is $kind done once', (rewriting) => {
	for (const value of [
		'',
		' a  b ',
		'Straße',
		'ŉ',
		'<<b>x>y<',
		'1.005',
		'-0.004',
		'two words',
		'😀😀😀😀😀😀',
		null,
		true
	]) {
		const once = rewriteValue(rewriting, value);
		expect(rewriteValue(rewriting, once)).toEqual(once);
	}
});
