import type { DecisionChange } from '#src/db/schema/decisions.ts';
import type { LinkCommit } from '#src/store/commit-links.ts';
import type { WriteAttempt } from '#src/sync/decide.ts';
import { shadowLosses, type ShadowLoss } from '#src/sync/shadow.ts';
import type { CommitFacts } from './link-commits.ts';
import { pick, type PlannedLink } from './plan-link.ts';

/** A decision is journaled once: a repeated try of the same write adds nothing. */
export function journalOf(plan: PlannedLink, facts: CommitFacts, attempt: WriteAttempt | null): LinkCommit['journal'] {
	const { action, link } = plan;
	const repeated = attempt !== null && (link.pendingWrite?.attempts.some((one) => sameValues(one, attempt)) ?? false);
	const first = link.baseInternal === null;
	const awaits = action.awaiting !== undefined && link.status !== 'awaiting';
	if (repeated || (action.kind === 'none' && !first && !awaits)) return null;
	if (action.kind === 'conflict' && link.status === 'conflict') return null;
	if (action.kind === 'orphan' && link.status === 'orphan') return null;
	const shadow = shadowOf(plan);
	return {
		action: action.kind !== 'none' ? action.kind : awaits ? 'await' : 'agree',
		inputs: inputsOf(plan, facts),
		changes: changesOf(plan),
		...(shadow.length > 0 ? { shadow } : {})
	};
}

/** Only for fields that something is done about now: what waits is looked at again when its turn comes. */
function shadowOf({ action, input, internal, live }: PlannedLink): ShadowLoss[] {
	if (!internal) return [];
	const dealtWith = new Set([
		...Object.keys(action.push),
		...Object.keys(action.pull),
		...action.asked.map(({ field }) => field)
	]);
	const losses = shadowLosses({ decision: input, internalUpdatedAt: internal.updatedAt, live });
	return losses.filter(({ field }) => dealtWith.has(field));
}

function inputsOf(plan: PlannedLink, facts: CommitFacts): Record<string, unknown> {
	const { action, link, internal, external } = plan;
	const { policy } = plan.input;
	const moved = new Set(
		action.reasons.filter(({ verdict }) => verdict !== 'agree' && verdict !== 'keep').map(({ field }) => field)
	);
	return {
		base: { internal: pick(link.baseInternal ?? {}, moved), external: pick(link.baseExternal ?? {}, moved) },
		internal: internal && pick(internal.fields, moved),
		internalRev: internal?.rev ?? null,
		internalUpdatedAt: internal?.updatedAt ?? null,
		internalChanged: internal && pick(internal.changed, moved),
		external: external && pick(external.fields, moved),
		externalVersion: external?.version ?? null,
		externalStamp: external?.stamp ?? null,
		baseExternalStamp: link.externalStamp,
		stampPassed: link.stampPassed,
		pendingWrite: link.pendingWrite,
		policy: { conflict: policy.conflict, firstContact: policy.firstContact, fields: policy.fields },
		clock: facts.clock,
		reasons: action.reasons.filter(({ field }) => moved.has(field))
	};
}

function changesOf({ action, input, internal, external }: PlannedLink): DecisionChange[] {
	const changes: DecisionChange[] = [];
	for (const { field, verdict, rule } of action.reasons) {
		const ours = internal?.fields[field] ?? null;
		const theirs = external?.fields[field] ?? null;
		const table = input.fields.find(({ name }) => name === field)?.table;
		const settled = action.settled.find((conflict) => conflict.field === field);
		if (verdict === 'push' && field in action.push) {
			changes.push({
				field,
				side: 'external',
				before: theirs,
				after: action.push[field] ?? null,
				rule,
				...(settled ? { lost: theirs } : {}),
				...(table === undefined ? {} : { table })
			});
		}
		if (verdict === 'pull' && field in action.pull) {
			const after = action.pull[field] ?? null;
			changes.push({ field, side: 'internal', before: ours, after, rule, ...(settled ? { lost: ours } : {}) });
		}
	}
	return changes;
}

/** Whether two attempts send the same. */
export function sameValues(one: WriteAttempt, other: WriteAttempt): boolean {
	const names = Object.keys(one.external);
	return (
		names.length === Object.keys(other.external).length &&
		names.every((name) => one.external[name] === other.external[name])
	);
}
