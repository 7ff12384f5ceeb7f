import { expect, test } from 'vitest';
import { allowed, bases, forAll, inputOf, pairs, plain, rewrites, stampSets } from './decide.cases.ts';
import { decide, type Action, type DecideInput, type FieldRule } from './decide.ts';
import { canonical, type Fields } from './fields.ts';
import { conflictRules } from './policy.ts';

/** Both sides and the bases after the action was carried out. */
function applied(input: DecideInput, action: Action): DecideInput {
	const internal = { ...input.internal!.fields, ...action.pull };
	const external = { ...input.external!.fields, ...action.push };
	const done = new Set([
		...Object.keys(action.push),
		...Object.keys(action.pull),
		...Object.keys(action.agreed.internal)
	]);
	const rebase = (base: Fields, now: Fields): Fields => ({
		...base,
		...Object.fromEntries([...done].map((field) => [field, now[field] ?? null]))
	});
	const known = input.base ?? { internal: {}, external: {}, unconfirmed: [], externalStamp: null, stampPassed: false };
	return {
		...input,
		internal: { ...input.internal!, fields: internal },
		external: { ...input.external!, fields: external },
		base: {
			...known,
			internal: rebase(known.internal, internal),
			external: rebase(known.external, external),
			unconfirmed: known.unconfirmed.filter((field) => !done.has(field))
		},
		pendingWrite: action.kind === 'none' || done.size > 0 ? null : input.pendingWrite
	};
}

test('once carried out, there is nothing more to do', () => {
	const upper: FieldRule = { ...plain, normal: (value) => (typeof value === 'string' ? value.toUpperCase() : value) };
	forAll(
		(at, action) => {
			if (action.reasons.some(({ verdict }) => verdict === 'keep')) return;
			const again = decide(applied(inputOf(at), action));
			if (rewrites(again.push) || rewrites(again.pull) || again.settled.length > 0)
				return `then ${JSON.stringify(again)}`;
			return again.asked.length !== action.asked.length && 'the question changed';
		},
		[plain, upper]
	);
});

test("a person's choice, written as bases, is carried out under every rule", () => {
	forAll((at, { asked }) => {
		if (asked.length === 0 || at.sent.length > 0) return;
		for (const winner of ['internal', 'external'] as const) {
			if (winner === 'internal' ? !allowed(at).push : !allowed(at).pull) continue;
			if (at.direction !== 'both' || at.rule.readOnly) continue;
			const loser = winner === 'internal' ? at.external : at.internal;
			const action = decide(inputOf({ ...at, base: [loser, loser], unconfirmed: false }));
			const written = winner === 'internal' ? action.push : action.pull;
			if (written['f'] !== at[winner] || action.asked.length + action.settled.length > 0) return `${winner} was chosen`;
		}
		return;
	});
});

const mirrored = {
	'internal-wins': 'external-wins',
	'external-wins': 'internal-wins',
	'to-channel': 'from-channel',
	'from-channel': 'to-channel'
};
const mirror = <T extends string>(word: T): T => ((mirrored as Record<string, string>)[word] ?? word) as T;

test('both sides have the same rights: swapped sides under the mirrored policy give the mirrored action', () => {
	forAll(
		(at, action) => {
			if (at.sent.length > 0 || at.unconfirmed) return;
			const swapped = decide(
				inputOf({
					...at,
					conflict: mirror(at.conflict),
					firstContact: mirror(at.firstContact),
					direction: mirror(at.direction),
					base: at.base && [at.base[1], at.base[0]],
					internal: at.external,
					external: at.internal,
					stamps: {
						internal: at.stamps.external,
						external: at.stamps.internal,
						base: at.stamps.base && '2026-01-01T08:00:00Z'
					}
				})
			);
			// A stamp that did not move exists on the channel's side only.
			if (
				at.conflict === 'newest-wins' &&
				(at.stamps === stampSets[3] || at.stamps.base === null || !at.stamps.internal)
			)
				return;
			if (canonical('text', swapped.pull['f'] ?? null) !== (action.push['f'] ?? null)) return 'push and pull differ';
			if ((swapped.push['f'] ?? null) !== (action.pull['f'] ?? null)) return 'pull and push differ';
			return (
				(swapped.asked.length !== action.asked.length || swapped.settled.length !== action.settled.length) &&
				'conflicts differ'
			);
		},
		[plain]
	);
});

test('fields are independent: two are decided as each alone, so that disjoint edits merge', () => {
	const both: FieldRule[] = [plain, { ...plain, name: 'g' }];
	const sides = bases.flatMap((base) => pairs.map(([internal, external]) => ({ base, internal, external })));
	const common = {
		firstContact: 'ask',
		unconfirmed: false,
		sent: [],
		stamps: stampSets[0],
		direction: 'both'
	} as const;
	for (const conflict of conflictRules) {
		const alone = both.map((rule) =>
			sides.map((side) => ({ input: inputOf({ ...common, ...side, rule, conflict }), side }))
		);
		const actions = alone.map((some) => some.map(({ input }) => decide(input)));
		alone[0]!.forEach((first, one) =>
			alone[1]!.forEach((second, two) => {
				const expected = [actions[0]![one]!, actions[1]![two]!] as const;
				const action = decide({
					...first.input,
					fields: both,
					base: {
						internal: { ...first.input.base?.internal, ...second.input.base?.internal },
						external: { ...first.input.base?.external, ...second.input.base?.external },
						unconfirmed: [],
						externalStamp: stampSets[0].base,
						stampPassed: false
					},
					internal: {
						fields: { ...first.input.internal!.fields, ...second.input.internal!.fields },
						changed: { f: stampSets[0].internal, g: stampSets[0].internal }
					},
					external: {
						fields: { ...first.input.external!.fields, ...second.input.external!.fields },
						stamp: stampSets[0].external
					}
				});
				const same =
					JSON.stringify([action.push, action.pull, action.settled, action.asked]) ===
					JSON.stringify([
						{ ...expected[0].push, ...expected[1].push },
						{ ...expected[0].pull, ...expected[1].pull },
						[...expected[0].settled, ...expected[1].settled],
						[...expected[0].asked, ...expected[1].asked]
					]);
				const merges = rewrites(action.push) && rewrites(action.pull);
				if (!same || merges !== (action.kind === 'merge'))
					expect.fail(JSON.stringify({ conflict, f: first.side, g: second.side, action }));
			})
		);
	}
});
