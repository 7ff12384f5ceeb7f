import { expect, test } from 'vitest';
import { decide, type DecideInput, type FieldRule, type WriteAttempt } from './decide.ts';
import { roundDecimal, type Fields, type Value } from './fields.ts';
import { defaultPolicy, type ChannelEntityPolicy } from './policy.ts';
import { restrict } from './restrict.ts';

const text = (name: string): FieldRule => ({ name, type: 'text', normal: (value) => value });
const cents: FieldRule = {
	name: 'price',
	type: 'decimal',
	normal: (value: Value) => (typeof value === 'string' ? roundDecimal(value, 2) : value)
};
const agreedOn = { name: 'Tent', price: '12.5' };
const t9 = '2026-01-01T09:00:00Z';
const t10 = '2026-01-01T10:00:00Z';
const t11 = '2026-01-01T11:00:00Z';

type Given = {
	internal?: Fields | null;
	external?: Fields | null;
	base?: DecideInput['base'];
	fields?: FieldRule[];
	attempts?: WriteAttempt[];
	policy?: Partial<ChannelEntityPolicy>;
	stamps?: Partial<DecideInput['stamps']>;
	externalStamp?: string;
	asked?: Record<string, string>;
};

function inputOf(given: Given): DecideInput {
	const internal = given.internal === undefined ? agreedOn : given.internal;
	const external = given.external === undefined ? agreedOn : given.external;
	return {
		fields: given.fields ?? [text('name'), cents],
		base:
			given.base === undefined
				? { internal: agreedOn, external: agreedOn, unconfirmed: [], externalStamp: t9, stampPassed: false }
				: given.base,
		internal: internal && { fields: internal, changed: { name: t10, price: t10 } },
		external: external && { fields: external, stamp: given.externalStamp ?? t11 },
		pendingWrite: given.attempts ? { attempts: given.attempts } : null,
		stamps: {
			resolutionMs: 1000,
			longestTransactionMs: 0,
			covers: 'all',
			clock: { offsetMs: 0, uncertaintyMs: 500 },
			...given.stamps
		},
		policy: { ...defaultPolicy, ...given.policy },
		...(given.asked && { asked: given.asked })
	};
}
const given = (some: Given) => decide(inputOf(some));

test('different fields changed on both sides merge', () => {
	const action = given({ internal: { ...agreedOn, name: 'Tent 2' }, external: { ...agreedOn, price: '13' } });
	expect(action).toMatchObject({
		kind: 'merge',
		push: { name: 'Tent 2' },
		pull: { price: '13' },
		settled: [],
		asked: []
	});
});

test('the same field changed on both sides: the newer wins, and the loser is kept with the reason', () => {
	const action = given({ internal: { ...agreedOn, name: 'Ours' }, external: { ...agreedOn, name: 'Theirs' } });
	expect(action.pull).toEqual({ name: 'Theirs' });
	expect(action.settled).toEqual([
		{ field: 'name', base: 'Tent', internal: 'Ours', external: 'Theirs', rule: 'newest-wins', winner: 'external' }
	]);
});

test('one field waits for a person, the others go on', () => {
	const action = given({
		internal: { name: 'Ours', price: '14' },
		external: { ...agreedOn, name: 'Theirs' },
		policy: { fields: { name: { conflict: 'ask' } } }
	});
	expect(action).toMatchObject({ kind: 'push', push: { price: '14.00' }, pull: {} });
	expect(action.asked.map(({ field, rule }) => [field, rule])).toEqual([['name', 'ask: policy']]);
});

test.each([
	['too-close', { externalStamp: '2026-01-01T10:00:01Z' }],
	['stamp-not-moved', { externalStamp: t9 }],
	['no-stamp', { externalStamp: 'yesterday' }],
	['stamp-does-not-cover-field', { stamps: { covers: ['price'] } }],
	['clock-not-measured', { stamps: { clock: null } }],
	['own-write', { attempts: [{ tag: 't', external: { price: '12.50' }, internal: { price: '12.5' } }] }],
	[
		'value-unconfirmed',
		{ base: { internal: agreedOn, external: agreedOn, unconfirmed: ['name'], externalStamp: t9, stampPassed: false } }
	]
] satisfies [string, Given][])('newest-wins asks: %s', (why, some) => {
	const action = given({ ...some, internal: { ...agreedOn, name: 'Ours' }, external: { ...agreedOn, name: 'Theirs' } });
	expect(action.asked.map(({ rule }) => rule)).toEqual([`ask: ${why}`]);
	expect([action.push, action.pull]).toEqual([{}, {}]);
});

test('a channel clock that runs an hour ahead is taken off before stamps are compared', () => {
	const sides = { internal: { ...agreedOn, name: 'Ours' }, external: { ...agreedOn, name: 'Theirs' } };
	expect(given({ ...sides, stamps: { clock: { offsetMs: 7_200_000, uncertaintyMs: 500 } } }).push).toEqual({
		name: 'Ours'
	});
});

test('what the channel cannot hold is no difference, and is sent as the channel holds it', () => {
	expect(given({ internal: { ...agreedOn, price: '12.504' } }).kind).toBe('none');
	expect(given({ internal: { ...agreedOn, price: '12.507' } }).push).toEqual({ price: '12.51' });
});

test("a value the channel rewrites the codec's way is agreement, any other rewriting of a value nobody read back is asked", () => {
	const base = (external: string) => ({
		internal: { ...agreedOn, price: '12.507' },
		external: { ...agreedOn, price: external },
		unconfirmed: ['price'],
		externalStamp: t9,
		stampPassed: false
	});
	const internal = { ...agreedOn, price: '12.507' };
	expect(given({ base: base('12.507'), internal, external: { ...agreedOn, price: '12.510' } }).kind).toBe('none');
	const edited = given({
		base: base('12.507'),
		internal: { ...agreedOn, price: '13' },
		external: { ...agreedOn, price: '12.510' }
	});
	expect(edited).toMatchObject({ kind: 'push', push: { price: '13.00' }, asked: [], settled: [] });
	const rewritten = given({ base: base('12.51'), internal, external: { ...agreedOn, price: '12.55' } });
	expect(rewritten.asked.map(({ field }) => field)).toEqual(['price']);
});

test('a changed value with a stamp older than the last agreement was restored: a person looks first', () => {
	const action = given({ external: { ...agreedOn, name: 'From the backup' }, externalStamp: '2026-01-01T08:00:00Z' });
	expect(action).toMatchObject({
		kind: 'conflict',
		pull: {},
		asked: [{ field: 'name', rule: 'ask: older-than-agreed' }]
	});
});

test('a change stamped before the last agreement, by no more than a transaction, is taken; what gives way is kept', () => {
	const stamps = { resolutionMs: 1000, longestTransactionMs: 4 * 3_600_000, covers: 'all' as const, clock: null };
	const action = given({ external: { ...agreedOn, name: 'Late' }, externalStamp: '2026-01-01T08:00:00Z', stamps });
	expect(action).toMatchObject({
		kind: 'pull',
		pull: { name: 'Late' },
		asked: [],
		settled: [{ field: 'name', rule: 'late-stamp', winner: 'external' }]
	});
});

test('a stamp that our own write passed unseen still tells a backup, and decides nothing between two edits', () => {
	const base = {
		internal: agreedOn,
		external: agreedOn,
		unconfirmed: ['price'],
		externalStamp: t9,
		stampPassed: true
	};
	const theirs = { ...agreedOn, name: 'From the backup' };
	const backup = given({ base, external: theirs, externalStamp: '2026-01-01T08:00:00Z' });
	expect(backup.asked).toMatchObject([{ field: 'name', rule: 'ask: older-than-agreed' }]);
	const rightBefore = given({ base, external: theirs, externalStamp: t9 });
	expect(rightBefore.settled).toMatchObject([{ field: 'name', internal: agreedOn.name, rule: 'late-stamp' }]);
	const both = given({ base, internal: { ...agreedOn, name: 'Ours' }, external: theirs });
	expect(both.asked).toMatchObject([{ field: 'name', rule: 'ask: no-stamp' }]);
});

test('a field that waits for a person waits on: a stamp that our own write to another field moved is no evidence', () => {
	const both = { internal: { ...agreedOn, name: 'Ours' }, external: { ...agreedOn, name: 'Theirs' } };
	expect(given(both).asked).toEqual([]);
	const asked = { name: 'ask: too-close' };
	expect(given({ ...both, asked })).toMatchObject({ settled: [], asked: [{ field: 'name', rule: 'ask: too-close' }] });
	const restored = { external: { ...agreedOn, name: 'From the backup' }, asked: { name: 'ask: older-than-agreed' } };
	expect(given(restored)).toMatchObject({ kind: 'conflict', pull: {} });
});

test('a write that arrived late is ours: our newer value goes out, the last of several tries counts', () => {
	const attempts = [
		{ tag: '1', external: { name: 'First' }, internal: { name: 'First' } },
		{ tag: '2', external: { name: 'Second' }, internal: { name: 'Second' } }
	];
	const late = given({ attempts, internal: { ...agreedOn, name: 'Second' }, external: { ...agreedOn, name: 'First' } });
	expect(late).toMatchObject({ kind: 'push', push: { name: 'Second' }, settled: [], asked: [] });
	const landed = given({
		attempts,
		internal: { ...agreedOn, name: 'Third' },
		external: { ...agreedOn, name: 'Second' }
	});
	expect(landed).toMatchObject({ kind: 'push', push: { name: 'Third' }, settled: [], asked: [] });
});

test('a field one side does not know is left alone; an emptied one is a change', () => {
	expect(given({ external: { name: 'Tent' } })).toMatchObject({ kind: 'none', push: {}, pull: {} });
	expect(given({ internal: { ...agreedOn, price: null } })).toMatchObject({ kind: 'push', push: { price: null } });
});

test('off means off, also for a field that cannot be written', () => {
	const fields = [{ ...text('name'), readOnly: true }, cents];
	const external = { ...agreedOn, name: 'Theirs' };
	const policy = (direction: 'off' | 'to-channel') => ({ fields: { name: { direction } } });
	expect(given({ fields, external }).pull).toEqual({ name: 'Theirs' });
	expect(given({ fields, external, policy: policy('off') })).toMatchObject({ kind: 'none', pull: {} });
	expect(given({ fields, external, policy: policy('to-channel') })).toMatchObject({ kind: 'none', pull: {} });
});

test('what a channel shows in place of a code is never compared', () => {
	const fields = [{ ...text('name'), readOnly: true, once: true as const }, cents];
	const external = { ...agreedOn, name: 'Theirs' };
	expect(given({ fields, external })).toMatchObject({ kind: 'none', reasons: [{ field: 'price' }] });
	expect(given({ fields, external, base: null })).toMatchObject({ kind: 'none', asked: [] });
});

test('what is sent as it is now overwrites whatever is there, asks nobody, and never comes back', () => {
	const fields = [text('name'), { ...cents, latest: true as const }];
	const sold = { ...agreedOn, price: '9' };
	expect(given({ fields, external: sold })).toMatchObject({
		kind: 'push',
		push: { price: '12.50' },
		pull: {},
		settled: [],
		asked: []
	});
	expect(given({ fields, external: sold, base: null })).toMatchObject({ push: { price: '12.50' }, asked: [] });
	expect(given({ fields, internal: { ...agreedOn, price: '8' }, external: sold }).push).toEqual({ price: '8.00' });
	const rewritten = { internal: agreedOn, external: { ...agreedOn, price: '12' } };
	const base = { ...rewritten, unconfirmed: [], externalStamp: t9, stampPassed: false };
	expect(given({ fields, base, external: rewritten.external })).toMatchObject({ kind: 'none', push: {} });
	const off = (direction: 'off' | 'from-channel') => ({ fields: { price: { direction } } });
	for (const direction of ['off', 'from-channel'] as const)
		expect(given({ fields, external: sold, policy: off(direction) })).toMatchObject({
			kind: 'none',
			push: {},
			pull: {}
		});
});

test('no field flows while it is not known that both sides mean the same record', () => {
	const key: FieldRule = { ...text('product'), type: 'reference', key: true };
	const ours = { ...agreedOn, product: '1' };
	const theirs = { ...agreedOn, product: 'p2' };
	const fields = [key, text('name'), cents];
	const ask = (links: Record<string, string>) => {
		const toInternal = Object.fromEntries(Object.entries(links).map(([id, other]) => [other, id]));
		const input = inputOf({ fields, internal: { ...ours, price: '13' }, external: theirs });
		return decide({ ...input, references: { product: { toExternal: links, toInternal } } });
	};
	expect(ask({ '1': 'p2' })).toMatchObject({ kind: 'push', push: { price: '13.00' } });
	expect(ask({ '1': 'p1', '2': 'p2' })).toMatchObject({ kind: 'conflict', push: {}, asked: [{ field: 'product' }] });
	const waiting = ask({});
	expect(waiting).toMatchObject({ kind: 'none', push: {}, awaiting: [{ field: 'product' }] });
	expect(waiting.reasons.find(({ field }) => field === 'price')).toMatchObject({ verdict: 'keep', rule: 'key-waits' });
});

test('a missing side is an orphan and moves nothing', () => {
	expect(given({ external: null })).toMatchObject({ kind: 'orphan', missing: 'external', push: {}, pull: {} });
	expect(given({ internal: null })).toMatchObject({ kind: 'orphan', missing: 'internal', push: {}, pull: {} });
});

test('a direction that only watches keeps its half of a merge, and what it would have settled, for later', () => {
	const merge = given({
		internal: { name: 'Ours', price: '13' },
		external: { ...agreedOn, name: 'Theirs' }
	});
	expect(merge).toMatchObject({ kind: 'merge', settled: [{ field: 'name' }] });
	const pushOnly = restrict(merge, { push: true, pull: false });
	expect(pushOnly).toMatchObject({
		waiting: true,
		action: { kind: 'push', push: { price: '13.00' }, pull: {}, settled: [] }
	});
	const pullOnly = restrict(merge, { push: false, pull: true });
	expect(pullOnly).toMatchObject({ waiting: true, action: { kind: 'pull', push: {}, settled: [{ field: 'name' }] } });
	expect(restrict(merge, { push: false, pull: false })).toMatchObject({
		waiting: true,
		action: { kind: 'none', settled: [] }
	});
	expect(restrict(merge, { push: true, pull: true })).toEqual({ waiting: false, action: merge });
});
