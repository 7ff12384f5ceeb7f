import type { ItemPlan, PlannedChange } from '#src/db/schema/runs.ts';
import type { PlannedItem } from '#src/store/plan.ts';
import type { PlannedLink } from './plan-link.ts';
import { reconcileDirty } from './reconcile.ts';
import type { RunContext } from './run-context.ts';

const itemsAtOnce = 200;

/** What would be written to one link, and what it was worked out from. */
export function itemPlanOf({ wanted, internal, external }: PlannedLink): ItemPlan {
	const changes: PlannedChange[] = [];
	const ours = (field: string) => internal?.fields[field] ?? null;
	const theirs = (field: string) => external?.fields[field] ?? null;
	for (const [field, after] of Object.entries(wanted.push))
		changes.push({ field, side: 'external', before: theirs(field), after });
	for (const [field, after] of Object.entries(wanted.pull))
		changes.push({ field, side: 'internal', before: ours(field), after });
	for (const { field } of wanted.asked) changes.push({ field, side: 'ask', before: ours(field), after: theirs(field) });
	return { changes, internalRev: internal?.rev ?? null, externalVersion: external?.version ?? null };
}

/**
 * Carries out the plan of a preview through the same steps as any run. An item is refused, and named, where either record
 * moved since or something else would be written now; the others are done.
 */
export async function applyPlan(run: RunContext): Promise<void> {
	const { ports, entity, channel } = run;
	const { planId } = run.run;
	if (planId === null) return;
	for (let afterId = '0'; ;) {
		await run.checkpoint('links');
		const items = await ports.store.takePlan({ planId, entity, afterId, limit: itemsAtOnce });
		const last = items.at(-1);
		if (!last) return;
		afterId = last.id;
		const open = new Map(items.map((item) => [item.linkId, item]));
		/** Links that are still to be claimed. */
		const linkIds = [...open.keys()];
		const met = new Set<string>();
		await reconcileDirty(run, linkIds, async (plans) => {
			const stale: [PlannedItem, string][] = [];
			for (const plan of plans) {
				met.add(plan.link.id);
				const item = open.get(plan.link.id);
				const why = item && whyStale(item.plan, plan, channel.name);
				if (item && why) stale.push([item, why]);
			}
			const refused = stale.map(([{ linkId }]) => linkId);
			for (const id of refused) linkIds.splice(linkIds.indexOf(id), 1);
			await ports.store.releaseLinks({ entity, workerId: ports.workerId, linkIds: refused, delayMs: 0 });
			await nameRefused(run, stale);
			return plans.filter(({ link }) => !refused.includes(link.id));
		});
		const unmet = items.filter(({ linkId }) => !met.has(linkId));
		await nameRefused(
			run,
			unmet.map((item) => [item, 'The link has ended, or is being worked on elsewhere.'])
		);
	}
}

/** Why a planned item must not be done any more; null where it may, or nothing is left to do. */
function whyStale(planned: ItemPlan, plan: PlannedLink, channelName: string): string | null {
	if (plan.wanted.kind === 'none') return null;
	const now = itemPlanOf(plan);
	if (now.internalRev !== planned.internalRev) return 'Our record changed since the plan was made.';
	if (now.externalVersion !== planned.externalVersion)
		return `The record in ${channelName} changed since the plan was made.`;
	return sameChanges(now.changes, planned.changes) ? null : 'Something else than planned would be written by now.';
}

function sameChanges(one: readonly PlannedChange[], other: readonly PlannedChange[]): boolean {
	const told = (changes: readonly PlannedChange[]) =>
		changes.map(({ field, side, before, after }) => JSON.stringify([field, side, before, after])).sort();
	return JSON.stringify(told(one)) === JSON.stringify(told(other));
}

async function nameRefused(run: RunContext, refused: readonly [PlannedItem, string][]): Promise<void> {
	if (refused.length === 0) return;
	run.failures.count += refused.length;
	const items = refused.map(([{ linkId, internalId, externalId, variantId, action, fields }, message]) => ({
		linkId,
		internalId,
		externalId,
		variantId,
		action,
		outcome: 'skipped',
		fields,
		problem: { kind: 'stale', message, hint: 'Nothing was written. Make a new plan to see what would be done now.' }
	}));
	await run.ports.store.addItems({ runId: run.run.id, phase: 'links', items, counts: { skipped: items.length } });
}
