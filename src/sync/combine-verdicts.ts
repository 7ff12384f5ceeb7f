import type { Action, ActionKind, DecideInput, ExternalSide, InternalSide, Verdict } from './decide.ts';
import type { Value } from './fields.ts';
import { translated } from './reference.ts';

/** One action from what was found about each field. */
export function combineVerdicts(
	{ references }: DecideInput,
	verdicts: readonly Verdict[],
	internal: InternalSide,
	external: ExternalSide
): Action {
	const push: Record<string, Value> = {};
	const pull: Record<string, Value> = {};
	const agreed = { internal: {} as Record<string, Value>, external: {} as Record<string, Value> };
	for (const { rule, reason } of verdicts) {
		const ours = internal.fields[rule.name] ?? null;
		const theirs = external.fields[rule.name] ?? null;
		if (reason.verdict === 'push') push[rule.name] = rule.normal(translated(rule, references, 'internal', ours));
		if (reason.verdict === 'pull') pull[rule.name] = translated(rule, references, 'external', theirs);
		if (reason.verdict === 'agree') {
			agreed.internal[rule.name] = ours;
			agreed.external[rule.name] = theirs;
		}
	}
	const conflicts = verdicts.flatMap(({ conflict }) => (conflict ? [conflict] : []));
	const awaiting = verdicts.flatMap(({ awaits }) => awaits ?? []);
	const asked = conflicts.filter(({ winner }) => winner === null);
	const settled = conflicts.filter(({ winner }) => winner !== null);
	const pushes = Object.keys(push).length > 0;
	const pulls = Object.keys(pull).length > 0;
	const flow: ActionKind = pushes && pulls ? 'merge' : pushes ? 'push' : pulls ? 'pull' : 'none';
	const kind = flow === 'none' && asked.length > 0 ? 'conflict' : flow;
	const reasons = verdicts.map(({ reason }) => reason);
	return { kind, push, pull, settled, asked, agreed, reasons, ...(awaiting.length > 0 && { awaiting }) };
}

/**
 * While it is not known that both sides mean the same record, because what tells it from others waits for a person or for a
 * link, no other field of it flows: the price of one product must not become that of another.
 */
export function whileKeyWaits(verdicts: readonly Verdict[]): readonly Verdict[] {
	const waits = ({ rule, reason }: Verdict) =>
		rule.key === true && (reason.verdict === 'await' || reason.verdict === 'conflict');
	if (!verdicts.some(waits)) return verdicts;
	return verdicts.map((each): Verdict => {
		if (each.rule.key || each.reason.verdict === 'agree' || each.reason.verdict === 'keep') return each;
		return { rule: each.rule, reason: { ...each.reason, verdict: 'keep', rule: 'key-waits' } };
	});
}
