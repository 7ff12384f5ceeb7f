import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fields } from './fields.ts';
import { isGtin } from './match-evidence.ts';
import { areMatchGroups, defaultMatchGroups, type MatchGroup } from './match-groups.ts';
import { matchKeysOf, matchRecords, type MatchInput } from './match.ts';
import type { PairKey } from './pair-key.ts';

const gtin = '4006381333931';
const other = '4006381333948';
const ours = (internalId: string, fields: Fields) => ({ internalId, fields });
const theirs = (externalId: string, fields: Fields, variantId = '') => ({ externalId, variantId, fields });
const match = (internal: MatchInput['internal'], external: MatchInput['external'], excluded: PairKey[] = []) =>
	matchRecords({ matchKeys: ['value', 'gtin'], internal, external, excluded });
const brief = (suggestions: ReturnType<typeof match>) =>
	suggestions.map(
		({ internalId, externalId, score, ambiguous }) => `${internalId}-${externalId} ${score}${ambiguous ? '?' : ''}`
	);

test('scores say how strong the evidence is', () => {
	const one = (mine: Fields, its: Fields) => brief(match([ours('1', mine)], [theirs('a', its)]));
	expect(one({ value: ' NH-100 ' }, { value: 'NH-100' })).toEqual(['1-a 100']);
	expect(one({ value: 'NH-100', gtin }, { value: 'nh 100', gtin })).toEqual(['1-a 90']);
	expect(one({ value: 'NH-100', gtin }, { value: 'XY', gtin: `${gtin.slice(0, 1)} ${gtin.slice(1)}` })).toEqual([
		'1-a 80'
	]);
	expect(one({ value: 'NH-100' }, { value: 'NH100' })).toEqual(['1-a 70']);
	expect(one({ value: 'NH-100', gtin }, { value: 'NH-101', gtin: other })).toEqual([]);
	expect(one({ value: '-', gtin: null }, { value: '/', gtin: null })).toEqual([]);
});

test('evidence names the fields and both spellings', () => {
	expect(match([ours('1', { value: 'NH-100', gtin })], [theirs('a', { value: 'nh100', gtin })])[0]?.evidence).toEqual([
		{ field: 'value', kind: 'respelled', internal: 'NH-100', external: 'nh100' },
		{ field: 'gtin', kind: 'equal', internal: gtin, external: gtin }
	]);
});

test('names move a score by five at most and never make a pair', () => {
	const named = (mine: string, its: string) =>
		match([ours('1', { value: 'NH-100', name: mine })], [theirs('a', { value: 'NH100', name: its })])[0]?.score;
	expect(named('Trail Tent 2', 'Trail Tent 2')).toBe(75);
	expect(named('Trail Tent 2', 'Gaskocher')).toBe(65);
	expect(
		match([ours('1', { value: 'A', name: 'Trail Tent' })], [theirs('a', { value: 'B', name: 'Trail Tent' })])
	).toEqual([]);
});

test('two candidates make both ambiguous, on either side', () => {
	expect(
		brief(match([ours('1', { value: 'A-1' })], [theirs('a', { value: 'A1' }), theirs('b', { value: 'a 1' })]))
	).toEqual(['1-a 70?', '1-b 70?']);
	expect(
		brief(
			match([ours('1', { value: 'X', gtin }), ours('2', { value: 'Y', gtin })], [theirs('a', { value: 'Z', gtin })])
		)
	).toEqual(['1-a 80?', '2-a 80?']);
	expect(brief(match([ours('1', { value: 'A' })], [theirs('a', { value: 'A' }), theirs('b', { value: 'A' })]))).toEqual(
		['1-a 100?', '1-b 100?']
	);
});

test('an equal first key beats weaker pairs of both its records', () => {
	const internal = [ours('1', { value: 'A-1' }), ours('2', { value: 'B', gtin })];
	const external = [theirs('a', { value: 'A-1', gtin }), theirs('b', { value: 'A1' })];
	expect(brief(match(internal, external))).toEqual(['1-a 100']);
});

test('variants of one record are candidates of their own', () => {
	const suggestions = match(
		[ours('1', { value: 'A' })],
		[theirs('a', { value: 'A' }, 'v1'), theirs('a', { value: 'B' }, 'v2')]
	);
	expect(suggestions.map(({ variantId }) => variantId)).toEqual(['v1']);
	expect(suggestions[0]?.ambiguous).toBe(false);
});

test('an excluded pair neither comes out nor makes another one doubtful', () => {
	const external = [theirs('a', { value: 'A' }), theirs('b', { value: 'A' })];
	expect(
		brief(match([ours('1', { value: 'A' })], external, [{ internalId: '1', externalId: 'b', variantId: '' }]))
	).toEqual(['1-a 100']);
});

test('a GTIN counts only with a valid check digit', () => {
	expect(['4006381333931', '400638133393 1', '12345670', '036000291452', '10036000291459'].every(isGtin)).toBe(true);
	expect(['4006381333932', '0000000000000', '1234567', '', 'n/a', '40063813339310'].some(isGtin)).toBe(false);
	expect(
		match([ours('1', { value: 'X', gtin: '4006381333932' })], [theirs('a', { value: 'Y', gtin: '4006381333932' })])
	).toEqual([]);
});

test('a mailbox that differs by a dot is another mailbox', () => {
	const partners = (mine: string, its: string) =>
		matchRecords({
			matchKeys: ['value', 'tax_id', 'email'],
			internal: [ours('1', { value: 'K1', email: mine })],
			external: [theirs('a', { value: 'D9', email: its })],
			excluded: []
		}).map(({ score }) => score);
	expect(partners('Kontakt@Nordhang.example', 'kontakt@nordhang.example')).toEqual([80]);
	expect(partners('a.b@nordhang.example', 'ab@nordhang.example')).toEqual([]);
});

test('a code that everybody has identifies nobody', () => {
	const many = Array.from({ length: 11 }, (_, index) => String(index));
	expect(
		match(
			many.map((id) => ours(id, { value: `i${id}`, gtin })),
			many.map((id) => theirs(id, { value: `e${id}`, gtin }))
		)
	).toEqual([]);
});

test('match keys are written field=code, without what cannot match', () => {
	expect(matchKeysOf(['value', 'gtin'], { value: 'NH-100 ', gtin, name: 'x' })).toEqual([
		'value=nh100',
		`gtin=${gtin}`
	]);
	expect(matchKeysOf(['value', 'gtin'], { value: '--', gtin: '4006381333932' })).toEqual([]);
});

test('the order of the records does not matter, no pair comes twice, excluded ones never', () => {
	const value = fc.constantFrom('A-1', 'A1', 'a1', 'B', null);
	const code = fc.constantFrom(gtin, other, '4006381333932', null);
	const records = fc.array(fc.record({ value, gtin: code }), { maxLength: 6 });
	const pairs = fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 4 });
	fc.assert(
		fc.property(records, records, pairs, (mine, its, never) => {
			const internal = mine.map((fields, index) => ours(String(index), fields));
			const external = its.map((fields, index) => theirs(String(index), fields));
			const excluded = never.map(([one, two]) => ({ internalId: String(one), externalId: String(two), variantId: '' }));
			const found = match(internal, external, excluded);
			expect(match(internal.toReversed(), external.toReversed(), excluded)).toEqual(found);
			const names = found.map(({ internalId, externalId }) => `${internalId}-${externalId}`);
			expect(new Set(names).size).toBe(names.length);
			for (const [one, two] of never) expect(names).not.toContain(`${one}-${two}`);
			const best = found.filter((pair) => pair.best);
			expect(new Set(best.map(({ internalId }) => internalId)).size).toBe(best.length);
			expect(new Set(best.map(({ externalId }) => externalId)).size).toBe(best.length);
			for (const { internalId, externalId } of found) {
				expect(best.some((pair) => pair.internalId === internalId || pair.externalId === externalId)).toBe(true);
			}
			for (const { internalId, externalId, ambiguous } of found) {
				const competes = found.filter((pair) => (pair.internalId === internalId) !== (pair.externalId === externalId));
				expect(ambiguous).toBe(competes.length > 0);
			}
		}),
		{ numRuns: 500 }
	);
});

test('evidence says how alike the names are and how near the prices, in one currency', () => {
	const pair = (mine: Fields, its: Fields) =>
		match([ours('1', { value: 'A-1', ...mine })], [theirs('a', { value: 'A-1', ...its })]);
	const [found] = pair({ name: 'Trail Tent 2', price: '100.00' }, { name: 'Trail Tent', price: '80' });
	expect(found?.evidence.slice(1)).toEqual([
		{ field: 'name', kind: 'alike', internal: 'Trail Tent 2', external: 'Trail Tent', percent: 91 },
		{ field: 'price', kind: 'ratio', internal: '100.00', external: '80', percent: 80 }
	]);
	expect(pair({ price: '9', currency: 'EUR' }, { price: '9', currency: 'USD' })[0]?.evidence).toHaveLength(1);
	expect(pair({ price: '0' }, { price: '9' })[0]?.evidence).toHaveLength(1);
});

test('prices move a score by two at most and never make a pair', () => {
	const priced = (mine: string, its: string) =>
		match([ours('1', { value: 'A-1', price: mine })], [theirs('a', { value: 'A1', price: its })])[0]?.score;
	expect([priced('10', '10.2'), priced('10', '7'), priced('10', '4')]).toEqual([72, 70, 68]);
	expect(match([ours('1', { value: 'A', price: '7' })], [theirs('a', { value: 'B', price: '7' })])).toEqual([]);
});

test('the groups of a channel say what makes a pair and what counts most', () => {
	const groups: MatchGroup[] = [
		[{ field: 'gtin', how: 'respelled' }],
		[
			{ field: 'value', how: 'respelled' },
			{ field: 'name', how: 'alike' }
		]
	];
	const by = (mine: Fields, its: Fields) =>
		brief(
			matchRecords({
				matchKeys: ['value', 'gtin'],
				groups,
				internal: [ours('1', mine)],
				external: [theirs('a', its)],
				excluded: []
			})
		);
	expect(by({ value: 'A', gtin }, { value: 'B', gtin })).toEqual(['1-a 100']);
	expect(by({ value: 'A-1', name: 'Trail Tent' }, { value: 'A-1', name: 'Trail Tent' })).toEqual(['1-a 85']);
	expect(by({ value: 'A-1', name: 'Trail Tent' }, { value: 'A1', name: 'Gaskocher' })).toEqual([]);
	expect(by({ value: 'A-1' }, { value: 'A-1' })).toEqual([]);
});

test('an earlier group wins a record over a higher score, and the loser is not best for anybody else', () => {
	const groups: MatchGroup[] = [[{ field: 'value', how: 'respelled' }], [{ field: 'gtin', how: 'respelled' }]];
	const found = matchRecords({
		matchKeys: ['value', 'gtin'],
		groups,
		internal: [ours('1', { value: 'A-1' }), ours('2', { value: 'X', gtin })],
		external: [theirs('a', { value: 'A1', gtin })],
		excluded: []
	});
	expect(brief(found)).toEqual(['2-a 80?', '1-a 70?']);
	expect(found.filter(({ best }) => best).map(({ internalId }) => internalId)).toEqual(['1']);
});

test('matching is symmetric: with the sides swapped the same pairs come out, with the same scores and doubts', () => {
	const record = fc.record({
		value: fc.constantFrom('A-1', 'A1', 'B', 'b', null),
		gtin: fc.constantFrom(gtin, other, null),
		name: fc.constantFrom('Trail Tent', 'Trail Tent 2', 'Gaskocher', null),
		price: fc.constantFrom('10', '10.1', '3', null)
	});
	const records = fc.array(record, { maxLength: 6 });
	fc.assert(
		fc.property(records, records, (mine, its) => {
			const one = match(
				mine.map((fields, index) => ours(String(index), fields)),
				its.map((fields, index) => theirs(String(index), fields))
			);
			const swapped = match(
				its.map((fields, index) => ours(String(index), fields)),
				mine.map((fields, index) => theirs(String(index), fields))
			);
			const told = (found: typeof one, swap: boolean) =>
				found
					.map(({ internalId, externalId, score, ambiguous }) =>
						swap ? [externalId, internalId, score, ambiguous] : [internalId, externalId, score, ambiguous]
					)
					.map((pair) => JSON.stringify(pair))
					.toSorted();
			expect(told(swapped, true)).toEqual(told(one, false));
		}),
		{ numRuns: 300 }
	);
});

test('match groups need a code, known fields, and no field twice', () => {
	const keys = ['value', 'gtin'];
	expect(areMatchGroups(defaultMatchGroups(keys), keys)).toBe(true);
	expect(areMatchGroups([], keys)).toBe(false);
	expect(areMatchGroups([[{ field: 'name', how: 'alike' }]], keys)).toBe(false);
	expect(areMatchGroups([[{ field: 'weight', how: 'equal' }]], keys)).toBe(false);
	expect(
		areMatchGroups(
			[
				[
					{ field: 'value', how: 'alike' },
					{ field: 'gtin', how: 'equal' }
				]
			],
			keys
		)
	).toBe(false);
	expect(
		areMatchGroups(
			[
				[
					{ field: 'gtin', how: 'equal' },
					{ field: 'gtin', how: 'respelled' }
				]
			],
			keys
		)
	).toBe(false);
});
