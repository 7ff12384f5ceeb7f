import { expect, test } from 'vitest';
import type { Fields } from './fields.ts';
import { inScope, isScopeCondition, sameScopes, type ScopeCondition, type ScopeOperator } from './scope.ts';

const on = (type: ScopeCondition['type']) => (operator: ScopeOperator, value: string) => ({
	field: 'f',
	type,
	operator,
	value
});
const text = on('text');
const decimal = on('decimal');
const boolean = on('boolean');
const passes = (condition: ScopeCondition, value: Fields['f']) => inScope({ f: value ?? null }, [condition]);

test('no scope takes every record; of several conditions all must hold', () => {
	expect(inScope({}, undefined)).toBe(true);
	expect(inScope({}, [])).toBe(true);
	const both = [text('starts-with', 'NH-'), text('contains', '100')];
	expect([inScope({ f: 'NH-100' }, both), inScope({ f: 'NH-2' }, both), inScope({ f: 'X-100' }, both)]).toEqual([
		true,
		false,
		false
	]);
});

test.each([
	[text('is', 'Tent'), ['Tent', ' Tent\r\n'], ['tent', 'Tents', '', null]],
	[text('is-not', 'Tent'), ['tent', '', null], ['Tent', ' Tent ']],
	[text('starts-with', 'NH-'), ['NH-1', ' NH-'], ['nh-1', 'XNH-', null]],
	[text('contains', 'a\nb'), ['1a\r\nb2'], ['a b', null]],
	[text('is-empty', ''), ['', '  \u00a0', null], ['0', '-']],
	[text('is-not-empty', ''), ['0'], ['', ' ', null]],
	[text('is', 'Caf\u00e9'), ['Cafe\u0301'], ['Cafe']]
])('text: %j', (condition, inside, outside) => {
	expect(inside.filter((value) => !passes(condition, value))).toEqual([]);
	expect(outside.filter((value) => passes(condition, value))).toEqual([]);
});

test.each([
	[decimal('is', '12.5'), ['12.50', '+12.5', '012.500000'], ['12.51', '', null, 'n/a']],
	[decimal('is-not', '0'), ['0.000001', null, 'n/a'], ['-0', '.0', '0.000']],
	[
		decimal('greater', '0.30'),
		['0.300000000000000000000000000001', '99999999999999999999.1', '1.'],
		['0.3', '-5', null, 'n/a', '1e9']
	],
	[decimal('less', '-1'), ['-1.01', '-2'], ['-1', '-0.99', '', 'n/a']]
])('numbers are compared exactly, not as written: %j', (condition, inside, outside) => {
	expect(inside.filter((value) => !passes(condition, value))).toEqual([]);
	expect(outside.filter((value) => passes(condition, value))).toEqual([]);
});

test('yes and no, and a record of which it is not known', () => {
	expect([passes(boolean('is', 'true'), true), passes(boolean('is', 'true'), 'true')]).toEqual([true, true]);
	expect([passes(boolean('is', 'false'), null), passes(boolean('is-not', 'true'), null)]).toEqual([false, true]);
});

test('a condition names a value that can be compared, and fits the type of its field', () => {
	const good = [text('is', 'x'), text('is-empty', ''), decimal('less', '-.5'), boolean('is', 'false')];
	const bad = [
		text('is', ' '),
		text('greater', '1'),
		text('is-empty', 'x'),
		decimal('contains', '1'),
		decimal('is', '1,5'),
		decimal('is', '1'.repeat(1001)),
		boolean('is', 'maybe'),
		boolean('is-empty', '')
	];
	expect(good.filter((condition) => !isScopeCondition(condition))).toEqual([]);
	expect(bad.filter(isScopeCondition)).toEqual([]);
});

test('two scopes are the same where the same is asked, however it is kept', () => {
	const [one] = [text('is', 'x')];
	const turned = { value: 'x', operator: 'is', type: 'text', field: 'f' } as const;
	expect(sameScopes({ internal: [one] }, { internal: [turned], external: [] })).toBe(true);
	expect(sameScopes({ internal: [one] }, { external: [one] })).toBe(false);
});
