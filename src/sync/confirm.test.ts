import { describe, expect, it } from 'vitest';
import { confirmedBase } from './confirm.ts';
import { decide, type DecideInput } from './decide.ts';
import type { Value } from './fields.ts';
import { defaultPolicy, type Direction, type ChannelEntityPolicy } from './policy.ts';
import { basesAfterChoice } from './reference.ts';

const rule = { name: 'status', type: 'text', normal: (value: Value) => value, confirm: true } as const;
const stamps = { resolutionMs: 1, longestTransactionMs: 0, covers: 'all' as const, clock: null };

type At = { base: readonly [Value, Value]; ours: Value; theirs: Value; direction?: Direction };

function decided({ base, ours, theirs, direction = 'both' }: At, policy: Partial<ChannelEntityPolicy> = {}) {
	const input: DecideInput = {
		fields: [rule],
		base: {
			internal: { status: base[0] },
			external: { status: base[1] },
			unconfirmed: [],
			externalStamp: null,
			stampPassed: false
		},
		internal: { fields: { status: ours }, changed: {} },
		external: { fields: { status: theirs }, stamp: null },
		pendingWrite: null,
		stamps,
		policy: { ...defaultPolicy, fields: { status: { direction } }, ...policy }
	};
	const { reasons, push, pull, asked } = decide(input);
	return { verdict: reasons[0]?.verdict, rule: reasons[0]?.rule, push, pull, asked: asked.map(({ field }) => field) };
}

describe('a field whose changes are confirmed', () => {
	it.each(['both', 'from-channel'] as const)('asks before it takes a change of the channel (%s)', (direction) => {
		const found = decided({ base: ['open', 'open'], ours: 'open', theirs: 'cancelled', direction });
		expect(found).toMatchObject({ verdict: 'conflict', rule: 'ask: confirm', pull: {}, asked: ['status'] });
	});

	it('sends ours where it may, and keeps it where it may not', () => {
		const edited = { base: ['open', 'open'], ours: 'shipped', theirs: 'open' } as const;
		expect(decided(edited)).toMatchObject({ verdict: 'push', push: { status: 'shipped' } });
		expect(decided({ ...edited, direction: 'from-channel' })).toMatchObject({ verdict: 'keep', pull: {}, push: {} });
	});

	it('takes the value that a person confirmed, and just that one', () => {
		const bases = basesAfterChoice(rule, 'external', { internal: 'open', external: 'cancelled' });
		const base = [bases.internal, bases.external] as const;
		expect(bases.external).toBe(confirmedBase('text', 'cancelled'));
		expect(decided({ base, ours: 'open', theirs: 'cancelled' })).toMatchObject({ pull: { status: 'cancelled' } });
		expect(decided({ base, ours: 'open', theirs: 'refunded' })).toMatchObject({ rule: 'ask: confirm', pull: {} });
		expect(decided({ base, ours: 'shipped', theirs: 'cancelled' })).toMatchObject({ rule: 'ask: confirm', pull: {} });
	});

	it('stays ours where a person said so, until the channel changes again', () => {
		const bases = basesAfterChoice(rule, 'internal', { internal: 'open', external: 'cancelled' });
		const base = [bases.internal, bases.external] as const;
		const kept = { base, ours: 'open', theirs: 'cancelled' };
		expect(decided(kept)).toMatchObject({ push: { status: 'open' } });
		expect(decided({ ...kept, direction: 'from-channel' })).toMatchObject({ verdict: 'keep', rule: 'ours-stays' });
		expect(decided({ ...kept, theirs: 'refunded', direction: 'from-channel' })).toMatchObject({ rule: 'ask: confirm' });
	});

	it('asks nobody where the rule of the channel says that its values win', () => {
		const changed = { base: ['open', 'open'], ours: 'open', theirs: 'cancelled' } as const;
		expect(decided(changed, { conflict: 'external-wins' })).toMatchObject({ pull: { status: 'cancelled' }, asked: [] });
	});
});
