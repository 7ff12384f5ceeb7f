import { expect, test } from 'vitest';
import { externalKeysOf, matchByReferences, type ReferenceMatchInput } from './match-references.ts';

const links = {
	product: { toExternal: { '1': 'p1', '2': 'p2' }, toInternal: { p1: '1', p2: '2', p2b: '2' } },
	price_list: { toExternal: { '1': 'l1' }, toInternal: { l1: '1' } }
};
const ours = (internalId: string, product: string | null, list: string | null) => ({
	internalId,
	fields: { product, price_list: list }
});
const theirs = (externalId: string, product: string | null, list: string | null) => ({
	externalId,
	variantId: '',
	fields: { product, price_list: list }
});
const match = (given: Pick<ReferenceMatchInput, 'internal' | 'external'> & Partial<ReferenceMatchInput>) =>
	matchByReferences({ keyFields: ['product', 'price_list'], links, excluded: [], ...given });

test('records fit that point to the records of the same links, whatever their own ids are', () => {
	const internal = [ours('7', '1', '1'), ours('8', '2', '1')];
	const external = [theirs('a', 'p2', 'l1'), theirs('b', '1', '1'), theirs('c', 'p1', 'l1')];
	expect(match({ internal, external })).toMatchObject([
		{ internalId: '7', externalId: 'c', score: 100, ambiguous: false, best: true },
		{
			internalId: '8',
			externalId: 'a',
			evidence: [
				{ field: 'product', kind: 'linked', internal: '2', external: 'p2' },
				{ field: 'price_list', kind: 'linked', internal: '1', external: 'l1' }
			]
		}
	]);
});

test('what points to nothing, or to what is not linked, fits nothing', () => {
	const internal = [ours('7', null, '1'), ours('8', '3', '1'), ours('9', '1', '2')];
	const external = [theirs('a', null, 'l1'), theirs('b', 'p3', 'l1'), theirs('c', 'p1', 'l2'), theirs('d', '1', 'l1')];
	expect(match({ internal, external })).toEqual([]);
});

test('two of the channel that are the same are ambiguous, in a fixed order; what a person said no to is left out', () => {
	const internal = [ours('8', '2', '1')];
	const external = [theirs('b', 'p2', 'l1'), theirs('a', 'p2b', 'l1')];
	expect(match({ internal, external })).toMatchObject([
		{ externalId: 'a', ambiguous: true, best: true },
		{ externalId: 'b', ambiguous: true, best: false }
	]);
	const excluded = [{ internalId: '8', externalId: 'a', variantId: '' }];
	expect(match({ internal, external, excluded })).toMatchObject([{ externalId: 'b', ambiguous: false, best: true }]);
});

test('a record is looked up by what it points to as a whole, or by its codes', () => {
	const by = { matchKeys: ['value'], keyFields: ['product', 'price_list'] };
	expect(externalKeysOf(by, { product: 'p1', price_list: 'l1', value: 'x' })).toEqual(['key=["p1","l1"]']);
	expect(externalKeysOf(by, { product: 'p1', price_list: null })).toEqual([]);
	expect(externalKeysOf({ matchKeys: ['value'] }, { value: 'NH-1' })).toEqual(['value=nh1']);
});
