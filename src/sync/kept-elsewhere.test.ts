import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, type DecideInput } from './decide.ts';
import { conflictRules, defaultPolicy, directions, firstContactRules } from './policy.ts';

const value = fc.constantFrom('Tent', 'Tent 2', 'Tent 3', null);
const given = fc.record({
	ours: value,
	theirs: value,
	base: fc.option(fc.record({ ours: value, theirs: value }), { nil: null }),
	conflict: fc.constantFrom(...conflictRules),
	firstContact: fc.constantFrom(...firstContactRules),
	direction: fc.constantFrom(...directions),
	changed: fc.constantFrom('2026-01-01T09:00:00Z', ''),
	asked: fc.constantFrom(undefined, { name: 'ask: kept-elsewhere' })
});

test('whatever the sides hold and the policy says, what we cannot write is never pulled, and what would be is asked about', () => {
	fc.assert(
		fc.property(given, ({ ours, theirs, base, conflict, firstContact, direction, changed, asked }) => {
			const input: DecideInput = {
				fields: [{ name: 'name', type: 'text', normal: (same) => same }],
				base: base && {
					internal: { name: base.ours },
					external: { name: base.theirs },
					unconfirmed: [],
					externalStamp: '2026-01-01T08:00:00Z',
					stampPassed: false
				},
				internal: { fields: { name: ours }, changed: { name: changed } },
				external: { fields: { name: theirs }, stamp: '2026-01-01T10:00:00Z' },
				pendingWrite: null,
				stamps: {
					resolutionMs: 1,
					longestTransactionMs: 0,
					covers: 'all',
					clock: { offsetMs: 0, uncertaintyMs: 1 }
				},
				policy: { ...defaultPolicy, conflict, firstContact, fields: { name: { direction } } },
				...(asked && { asked })
			};
			const plain = decide(input);
			const kept = decide({
				...input,
				fields: input.fields.map((rule) => ({ ...rule, keptElsewhere: true as const }))
			});
			expect(kept.pull).toEqual({});
			if ('name' in plain.pull)
				expect(kept).toMatchObject({
					kind: 'conflict',
					asked: [{ field: 'name', rule: 'ask: kept-elsewhere' }],
					settled: []
				});
			else expect(kept).toEqual(plain);
		})
	);
});
