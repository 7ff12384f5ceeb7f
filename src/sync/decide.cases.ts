import { expect } from 'vitest';
import { decide, type Action, type Base, type DecideInput, type FieldRule, type PendingWrite } from './decide.ts';
import type { Fields, Value } from './fields.ts';
import {
	conflictRules,
	defaultPolicy,
	directions,
	firstContactRules,
	type ConflictRule,
	type Direction
} from './policy.ts';

/** Every law below is checked for every combination of these; a broken one names the combination. */
export const values: readonly Value[] = [null, 'a', 'b'];
export const pairs = values.flatMap((one) => values.map((other) => [one, other] as const));
export const bases: readonly (readonly [Value, Value] | null)[] = [null, ...pairs];
const attempts: readonly (readonly Value[])[] = [[], [null], ['a'], ['b'], ['a', 'b'], ['b', null]];
export const stampSets = [
	{ internal: '2026-01-01T10:00:00Z', external: '2026-01-01T12:00:00Z', base: '2026-01-01T09:00:00Z' },
	{ internal: '2026-01-01T12:00:00Z', external: '2026-01-01T10:00:00Z', base: '2026-01-01T09:00:00Z' },
	{ internal: '2026-01-01T12:00:00Z', external: '2026-01-01T12:00:01Z', base: '2026-01-01T09:00:00Z' },
	{ internal: '2026-01-01T12:00:00Z', external: '2026-01-01T09:00:00Z', base: '2026-01-01T09:00:00Z' },
	{ internal: null, external: '2026-01-01T12:00:00Z', base: '2026-01-01T09:00:00Z' },
	{ internal: '2026-01-01T12:00:00Z', external: null, base: null }
] as const;
export type Stamps = { internal: string | null; external: string | null; base: string | null };

export const plain: FieldRule = { name: 'f', type: 'text', normal: (value) => value };
const clock = { offsetMs: 0, uncertaintyMs: 500 };

export type Case = {
	rule: FieldRule;
	conflict: ConflictRule;
	firstContact: (typeof firstContactRules)[number];
	direction: Direction;
	base: readonly [Value, Value] | null;
	unconfirmed: boolean;
	sent: readonly Value[];
	internal: Value;
	external: Value;
	stamps: Stamps;
};

export function inputOf(at: Case): DecideInput {
	const { name } = at.rule;
	const base: Base | null = at.base && {
		internal: { [name]: at.base[0] },
		external: { [name]: at.base[1] },
		unconfirmed: at.unconfirmed ? [name] : [],
		externalStamp: at.stamps.base,
		stampPassed: false
	};
	const pendingWrite: PendingWrite | null =
		at.sent.length === 0
			? null
			: {
					attempts: at.sent.map((value, index) => ({
						tag: `t${index}`,
						external: { [name]: value },
						internal: { [name]: value }
					}))
				};
	return {
		fields: [at.rule],
		base,
		internal: { fields: { [name]: at.internal }, changed: at.stamps.internal ? { [name]: at.stamps.internal } : {} },
		external: { fields: { [name]: at.external }, stamp: at.stamps.external },
		pendingWrite,
		stamps: { resolutionMs: 1000, longestTransactionMs: 0, covers: 'all', clock },
		policy: {
			...defaultPolicy,
			conflict: at.conflict,
			firstContact: at.firstContact,
			fields: { [name]: { direction: at.direction } }
		}
	};
}

function* cases(rules: readonly FieldRule[] = [plain, { ...plain, readOnly: true }]): Generator<Case> {
	for (const rule of rules)
		for (const conflict of conflictRules)
			for (const direction of directions)
				for (const base of bases)
					for (const firstContact of base ? (['ask'] as const) : firstContactRules)
						for (const unconfirmed of base ? [false, true] : [false])
							for (const sent of attempts)
								for (const [internal, external] of pairs)
									for (const stamps of conflict === 'newest-wins' ? stampSets : stampSets.slice(0, 1))
										yield {
											rule,
											conflict,
											firstContact,
											direction,
											base,
											unconfirmed,
											sent,
											internal,
											external,
											stamps
										};
}

/** `law` names what is broken, or nothing. */
export function forAll(law: (at: Case, action: Action) => string | false | undefined, rules?: readonly FieldRule[]) {
	let checked = 0;
	for (const at of cases(rules)) {
		const broken = law(at, decide(inputOf(at)));
		if (broken) expect.fail(`${broken}: ${JSON.stringify(at)} -> ${JSON.stringify(decide(inputOf(at)))}`);
		checked += 1;
	}
	expect(checked).toBeGreaterThan(20_000);
}

export const allowed = (at: Case) => ({
	push: !at.rule.readOnly && (at.direction === 'both' || at.direction === 'to-channel'),
	pull: at.direction === 'both' || at.direction === 'from-channel'
});
export const rewrites = (fields: Fields) => Object.keys(fields).length > 0;
/** The last agreement, an own write that has landed counted in; null = none. */
export const agreement = (at: Case) =>
	at.sent.includes(at.external) ? ([at.external, at.external] as const) : at.base;
