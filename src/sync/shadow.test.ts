import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forAll, inputOf, plain, rewrites, type Case } from './decide.cases.ts';
import type { DecideInput } from './decide.ts';
import type { Fields } from './fields.ts';
import { defaultPolicy } from './policy.ts';
import { shadowLosses, unmetLosses, type ShadowLoss } from './shadow.ts';

const everywhere = { push: true, pull: true };
const early = '2026-01-01T08:00:00.000000Z';
const late = '2026-01-01T23:00:00.000000Z';

/** The losses of a case whose record of ours is newer, and those where it is older. */
const losses = (at: Case) => {
	const decision = inputOf(at);
	return [early, late].flatMap((internalUpdatedAt) =>
		shadowLosses({ decision, internalUpdatedAt, live: everywhere }).map((loss) => ({ internalUpdatedAt, loss }))
	);
};

test('what time stamps alone would lose is kept here: it flows to the other side, or is in the journal as the loser', () => {
	let seen = 0;
	forAll((at, { push, pull, settled, asked }) => {
		for (const { loss } of losses(at)) {
			seen++;
			const conflict = [...settled, ...asked].some(({ internal, external }) =>
				loss.side === 'internal' ? internal === loss.value : external === loss.value
			);
			const flows = rewrites(loss.side === 'internal' ? push : pull);
			if (!conflict && !flows) return `neither sent nor journaled: ${JSON.stringify(loss)}`;
		}
		return false;
	});
	expect(seen).toBeGreaterThan(1000);
});

test('only an edit counts: a value of the older record that moved since the last agreement and is not on the other side', () => {
	forAll(
		(at) => {
			for (const { internalUpdatedAt, loss } of losses(at)) {
				const ours = loss.side === 'internal';
				if (ours !== (internalUpdatedAt === early)) return 'the newer record lost';
				if (loss.value !== (ours ? at.internal : at.external)) return 'a value that is not there';
				if (at.internal === at.external) return 'both hold it';
				if (at.base === null && !at.sent.includes(at.external)) return 'never agreed on';
				const echo = at.sent.findLast((value) => value === at.external);
				const agreed = at.sent.includes(at.external) ? echo : at.base?.[ours ? 0 : 1];
				if (loss.value === agreed) return 'nobody wrote it since the last agreement';
			}
			return false;
		},
		[plain]
	);
});

const fieldRules = ['a', 'b', 'c', 'd'].map((name) => ({ ...plain, name }));
const fieldOf = fc.record({
	base: fc.constantFrom(null, 'x', 'y'),
	ours: fc.constantFrom(null, 'x', 'y', 'z'),
	theirs: fc.constantFrom(null, 'x', 'y', 'z')
});
const records = fc.tuple(fieldOf, fieldOf, fieldOf, fieldOf);
const stamps = fc.constantFrom(
	{ ours: early, theirs: late, older: 'internal' },
	{ ours: late, theirs: early, older: 'external' },
	{ ours: early, theirs: early, older: null },
	{ ours: early, theirs: null, older: null },
	{ ours: early, theirs: 'yesterday', older: null }
);

function decisionOf(values: ReadonlyArray<{ base: string | null; ours: string | null; theirs: string | null }>) {
	const side = (key: 'base' | 'ours' | 'theirs'): Fields =>
		Object.fromEntries(values.map((value, index) => [fieldRules[index]!.name, value[key]]));
	return (stamp: string | null): DecideInput => ({
		fields: fieldRules,
		base: { internal: side('base'), external: side('base'), unconfirmed: [], externalStamp: early, stampPassed: false },
		internal: { fields: side('ours'), changed: {} },
		external: { fields: side('theirs'), stamp },
		pendingWrite: null,
		stamps: { resolutionMs: 1000, longestTransactionMs: 0, covers: 'all', clock: null },
		policy: defaultPolicy
	});
}

test('as many as there are fields changed on the older side, none where the stamps do not tell', () => {
	fc.assert(
		fc.property(records, stamps, (values, { ours, theirs, older }) => {
			const decision = decisionOf(values)(theirs);
			const changed = values.filter((value) =>
				older === 'internal' ? value.ours !== value.base : value.theirs !== value.base
			);
			const expected = older === null ? 0 : changed.filter((value) => value.ours !== value.theirs).length;
			expect(shadowLosses({ decision, internalUpdatedAt: ours, live: everywhere })).toHaveLength(expected);
		}),
		{ numRuns: 2000 }
	);
});

test('nothing where only the newer record was edited', () => {
	fc.assert(
		fc.property(records, fc.boolean(), (values, oursNewer) => {
			const edited = values.map((value) =>
				oursNewer ? { ...value, theirs: value.base } : { ...value, ours: value.base }
			);
			const decision = decisionOf(edited)(oursNewer ? early : late);
			const internalUpdatedAt = oursNewer ? late : early;
			expect(shadowLosses({ decision, internalUpdatedAt, live: everywhere })).toEqual([]);
		}),
		{ numRuns: 500 }
	);
});

const both = decisionOf([
	{ base: 'x', ours: 'y', theirs: 'x' },
	{ base: 'x', ours: 'x', theirs: 'z' },
	{ base: 'x', ours: 'x', theirs: 'x' },
	{ base: 'x', ours: 'x', theirs: 'x' }
]);

test('the other rule keeps to directions too: where it may not write, it loses nothing', () => {
	const ask = (stamp: string, ours: string, live: { push: boolean; pull: boolean }, policy = defaultPolicy) =>
		shadowLosses({ decision: { ...both(stamp), policy }, internalUpdatedAt: ours, live }).map(({ field }) => field);
	expect(ask(late, early, everywhere)).toEqual(['a']);
	expect(ask(late, early, { push: true, pull: false })).toEqual([]);
	expect(ask(early, late, everywhere)).toEqual(['b']);
	expect(ask(early, late, { push: false, pull: true })).toEqual([]);
	const oneWay = { ...defaultPolicy, fields: { a: { direction: 'to-channel' }, b: { direction: 'off' } } } as const;
	expect(ask(late, early, everywhere, oneWay)).toEqual([]);
	expect(ask(early, late, everywhere, oneWay)).toEqual([]);
});

test('what the channel may have done by itself is no edit: a rewritten value, or one from before the last agreement', () => {
	const decision = both(early);
	const base = decision.base!;
	const ask = (changed: typeof base): ShadowLoss[] =>
		shadowLosses({ decision: { ...decision, base: changed }, internalUpdatedAt: late, live: everywhere });
	expect(ask(base)).toEqual([{ field: 'b', side: 'external', value: 'z' }]);
	expect(ask({ ...base, unconfirmed: ['b'] })).toEqual([]);
	expect(ask({ ...base, externalStamp: '2026-01-01T09:00:00Z' })).toEqual([]);
});

test('a record that is gone on one side has no rule to compare', () => {
	const decision = { ...both(late), internal: null };
	expect(shadowLosses({ decision, internalUpdatedAt: early, live: everywhere })).toEqual([]);
});

test('an edit met again is not counted again; the same value after another one is', () => {
	const loss = (value: string | null, side: ShadowLoss['side'] = 'internal'): ShadowLoss => ({
		field: 'a',
		side,
		value
	});
	expect(unmetLosses([loss('x')], [])).toEqual([loss('x')]);
	expect(unmetLosses([loss(null)], [])).toEqual([loss(null)]);
	expect(unmetLosses([loss('x')], [loss('x'), { ...loss('y'), field: 'b' }, loss('y', 'external')])).toEqual([]);
	expect(unmetLosses([loss('x')], [loss('x'), loss('y')])).toEqual([loss('x')]);
});
