import { describe, expect, it } from 'vitest';
import { decide, type DecideInput, type FieldRule } from './decide.ts';
import { defaultPolicy, type ChannelEntityPolicy } from './policy.ts';
import { basesAfterChoice, sidesAgree, wasRelinked, type ReferenceLinks } from './reference.ts';
import type { Value } from './fields.ts';

const rule: FieldRule = { name: 'category', type: 'reference', normal: (value) => value };
/** Ours 5 and 6 are theirs A and B; 7 and C have no link. Theirs "5" is ours 6's other one, to be mistaken for ours. */
const links: ReferenceLinks = { toExternal: { 5: 'A', 6: 'B' }, toInternal: { A: '5', B: '6' } };
const references = { category: links };

function decided(
	ours: Value,
	theirs: Value,
	base: { internal: Value; external: Value } | null,
	policy: Partial<ChannelEntityPolicy> = {}
) {
	const input: DecideInput = {
		fields: [rule],
		base: base && {
			internal: { category: base.internal },
			external: { category: base.external },
			unconfirmed: [],
			externalStamp: '2026-06-01T11:00:00.000000Z',
			stampPassed: false
		},
		internal: { fields: { category: ours }, changed: {} },
		external: { fields: { category: theirs }, stamp: '2026-06-01T12:00:00.000000Z' },
		pendingWrite: null,
		stamps: { resolutionMs: 1, longestTransactionMs: 1, covers: 'all', clock: null },
		policy: { ...defaultPolicy, ...policy },
		references
	};
	return decide(input);
}

const agreed = { internal: '5', external: 'A' };

describe('a reference', () => {
	it('agrees where one side is the other in its own words', () => {
		expect(decided('5', 'A', null).agreed).toEqual({ internal: { category: '5' }, external: { category: 'A' } });
		expect(decided(null, null, null).kind).toBe('none');
	});

	it('never agrees because two raw ids happen to read alike', () => {
		const alike = { toExternal: { 5: 'A', 6: '5' }, toInternal: { A: '5', 5: '6' } };
		expect(sidesAgree(rule, { category: alike }, '5', '5')).toBe(false);
		expect(sidesAgree(rule, { category: alike }, '6', '5')).toBe(true);
	});

	it('goes over as the id that the other side knows the record by', () => {
		expect(decided('6', 'A', agreed)).toMatchObject({ kind: 'push', push: { category: 'B' } });
		expect(decided('5', 'B', agreed)).toMatchObject({ kind: 'pull', pull: { category: '6' } });
		expect(decided(null, 'A', agreed)).toMatchObject({ kind: 'push', push: { category: null } });
	});

	it.each([
		['our edit', '7', 'A', { side: 'internal', id: '7' }],
		["the channel's edit", '5', 'C', { side: 'external', id: 'C' }]
	] as const)('waits with %s where the record has no link', (_, ours, theirs, awaited) => {
		const action = decided(ours, theirs, agreed);
		expect(action).toMatchObject({ kind: 'none', push: {}, pull: {}, awaiting: [{ field: 'category', ...awaited }] });
		expect(action.reasons).toMatchObject([{ verdict: 'await' }]);
	});

	it('waits where neither record is linked: whether they differ is not known; one linked is enough to ask', () => {
		expect(decided('7', 'C', null)).toMatchObject({ kind: 'none', asked: [], awaiting: [{ id: '7' }] });
		expect(decided('5', 'C', null)).toMatchObject({ kind: 'conflict', asked: [{ field: 'category' }] });
	});

	it('counts as settled only when the winner can be carried over', () => {
		const policy = { conflict: 'external-wins' } as const;
		expect(decided('6', 'C', agreed, policy)).toMatchObject({ settled: [], awaiting: [{ side: 'external', id: 'C' }] });
		expect(decided('7', 'B', agreed, policy)).toMatchObject({ pull: { category: '6' }, settled: [{ external: 'B' }] });
	});

	it('that nobody changed is left alone, linked or not', () => {
		expect(decided('7', 'C', { internal: '7', external: 'C' })).toMatchObject({ kind: 'none', asked: [] });
		expect(decided('7', 'C', { internal: '7', external: 'C' }).awaiting).toBeUndefined();
	});

	it('was relinked only where its own record is another at the channel by now', () => {
		expect(wasRelinked(rule, references, '5', 'B')).toBe(true);
		expect(wasRelinked(rule, references, '5', 'A')).toBe(false);
		expect(wasRelinked(rule, references, '7', 'A')).toBe(false);
		expect(wasRelinked(rule, references, null, 'A')).toBe(false);
	});
});

describe('what a person chose', () => {
	it.each([
		['internal', '6', 'A', 'push', { category: 'B' }],
		['external', '5', 'B', 'pull', { category: '6' }],
		['internal', null, 'A', 'push', { category: null }],
		['external', '5', null, 'pull', { category: null }]
	] as const)('goes over like an edit: %s, %s against %s', (winner, internal, external, way, values) => {
		const bases = basesAfterChoice({ type: 'reference' }, winner, { internal, external });
		expect(wasRelinked(rule, references, bases.internal, bases.external)).toBe(false);
		expect(decided(internal, external, bases)).toMatchObject({ [way]: values, asked: [], settled: [] });
	});

	it('of a change that is confirmed is taken over, and is no record that was linked elsewhere', () => {
		const bases = basesAfterChoice({ type: 'reference', confirm: true }, 'external', { internal: '5', external: 'B' });
		expect(wasRelinked(rule, references, bases.internal, bases.external)).toBe(false);
	});

	it('of other fields is compared by the value that lost, on both sides', () => {
		expect(basesAfterChoice({ type: 'text' }, 'internal', { internal: 'a', external: 'b' })).toEqual({
			internal: 'b',
			external: 'b'
		});
	});
});
