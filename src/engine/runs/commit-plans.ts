import type { CommitLinksResult, LinkCommit } from '#src/store/commit-links.ts';
import { refusalWords, refusedValue } from '#src/store/postgres-error.ts';
import { commitOf, effectOf, failedOf, type CommitFacts } from './link-commits.ts';
import { planLink, type PlannedLink } from './plan-link.ts';
import { limitsOf, linkLeaseMs, type RunContext } from './run-context.ts';

/** What the commits of one batch have in common. */
export function commitFacts(run: RunContext): CommitFacts {
	return {
		channelName: run.channel.name,
		fingerprint: run.resource.fingerprint,
		policy: run.channel.policy,
		clock: run.clocks.channelAgainstDatabase(run.channel.id),
		stampCovers: run.resource.capabilities.stampCovers,
		nowMs: run.ports.clock.nowMs()
	};
}

/** Commits plans that need no call; what a ceiling holds back is left waiting, what moved is gathered again. */
export async function commitPlans(run: RunContext, plans: readonly PlannedLink[], facts: CommitFacts): Promise<void> {
	await commitOrHold(run, plans, facts, (plan) => commitOf(plan, facts, null));
}

/** Returns the new state revision of every plan that was applied. */
export async function commitOrHold(
	run: RunContext,
	plans: readonly PlannedLink[],
	facts: CommitFacts,
	toCommit: (plan: PlannedLink) => LinkCommit,
	isolate: typeof commitHalving = commitHalving
): Promise<ReadonlyMap<string, string>> {
	if (plans.length === 0) return new Map();
	const { ports, channel, entity } = run;
	const batch = {
		channelId: channel.id,
		entity,
		runId: run.run.id,
		workerId: ports.workerId,
		leaseMs: linkLeaseMs(run.resource),
		limits: limitsOf(channel)
	};
	const { applied, held } = await isolate(run, plans, (some) => {
		return ports.store.commitLinks({ ...batch, rows: some.map(toCommit) });
	});
	const heldPlans = plans.filter(({ link }) => held.includes(link.id));
	for (const { action } of heldPlans) run.held.add(effectOf(action) ?? 'updates');
	if (heldPlans.length > 0) {
		const waiting = heldPlans.map((plan) => {
			const references = plan.input.references;
			return planLink(plan, { ...planFacts(run), references, live: { push: false, pull: false } });
		});
		await ports.store.commitLinks({ ...batch, rows: waiting.map((plan) => commitOf(plan, facts, null)) });
	}
	const moved = plans.filter(({ link }) => !applied.has(link.id) && !held.includes(link.id)).map(({ link }) => link.id);
	await ports.store.releaseLinks({ entity, workerId: ports.workerId, linkIds: moved, delayMs: 0 });
	return applied;
}

const refusals = {
	taken: { kind: 'duplicate', reply: 'Another record of ours has this code already.' },
	'too-large': { kind: 'rejected', reply: 'A value from the channel is too large or too long for our record.' },
	'not-storable': { kind: 'rejected', reply: 'A value from the channel cannot be stored in our record.' }
} as const;

/** A pull whose values our record cannot take is found by halving, and costs only itself. */
async function commitHalving(
	run: RunContext,
	plans: readonly PlannedLink[],
	commit: (plans: readonly PlannedLink[]) => Promise<CommitLinksResult>
): Promise<CommitLinksResult> {
	try {
		return await commit(plans);
	} catch (error) {
		const refused = refusedValue(error);
		if (refused === null) throw error;
		const [plan] = plans;
		if (plans.length === 1 && plan) {
			const reply = run.entity.source ? (refusalWords(error) ?? '') : refusals[refused].reply;
			await commitBroken(run, [{ plan, kind: refusals[refused].kind, reply, quarantine: false }], commitFacts(run));
			return { applied: new Map(), held: [] };
		}
		const middle = Math.ceil(plans.length / 2);
		const first = await commitHalving(run, plans.slice(0, middle), commit);
		const second = await commitHalving(run, plans.slice(middle), commit);
		return { applied: new Map([...first.applied, ...second.applied]), held: [...first.held, ...second.held] };
	}
}

function planFacts(run: RunContext) {
	return {
		resource: run.resource,
		policy: run.channel.policy,
		clock: run.clocks.channelAgainstDatabase(run.channel.id),
		nowMs: run.ports.clock.nowMs()
	};
}

export type BrokenLink = { plan: PlannedLink; field?: string; kind: string; reply: string; quarantine: boolean };

/** Records links that cannot be worked on for a reason of their own. */
export async function commitBroken(run: RunContext, broken: readonly BrokenLink[], facts: CommitFacts): Promise<void> {
	if (broken.length === 0) return;
	run.failures.count += broken.length;
	await commitOrHold(
		run,
		broken.map(({ plan }) => plan),
		facts,
		(plan) => {
			const reason = broken.find((one) => one.plan === plan);
			const { externalVersion, externalStamp, stampPassed } = plan.link;
			const tries = plan.link.tries + 1;
			const quarantine = (reason?.quarantine ?? false) || tries >= 5;
			const problem = {
				kind: reason?.kind ?? 'failed',
				message: reason?.reply ?? '',
				hint: hintOf(reason?.kind),
				...(reason?.field ? { field: reason.field } : {})
			};
			return failedOf(plan, facts, {
				stateRev: plan.link.stateRev,
				problem,
				tries,
				retryDelayMs: 2_000 * 2 ** tries,
				quarantine,
				counted: true,
				pendingWrite: plan.link.pendingWrite,
				unconfirmed: plan.link.unconfirmed,
				stamps: { externalVersion, externalStamp, stampPassed }
			});
		},
		// What cannot even be written down as broken is no fault of the record.
		(_run, plans, commit) => commit(plans)
	);
}

function hintOf(kind: string | undefined): string {
	if (kind === 'oscillation') return 'Choose which side owns this field, or what wins, then retry.';
	if (kind === 'duplicate') return 'Change the code of one of the two records, or unlink, then retry.';
	return 'Look at the record at the channel, then retry.';
}
