import type { LinkCommit } from '#src/store/commit-links.ts';
import type { PendingWrite, WriteAttempt } from '#src/sync/decide.ts';
import { canonical, type Fields, type Value } from '#src/sync/fields.ts';
import { nextTry } from '#src/sync/retry.ts';
import type { ExternalRecord } from '../connectors/connector.ts';
import { ConnectorError, stopsRun } from '../connectors/error.ts';
import { commitOf, confirmedOf, failedOf, stampsOf, stillUnconfirmed, type CommitFacts } from './link-commits.ts';
import { pick, type PlannedLink } from './plan-link.ts';
import { commitOrHold } from './commit-plans.ts';
import { databaseNowMs, requestTimeoutMs, sendWindowMs, type RunContext } from './run-context.ts';
import { transmit, type Sent } from './transmit.ts';

/**
 * Sends planned pushes: commit 1 stores each as pending, together with pulls and journal; each then leaves within the
 * send window or not at all; commit 2 stores what the channel answered. A crash anywhere in between is found again by
 * the pending write.
 */
export async function sendWrites(run: RunContext, plans: readonly PlannedLink[], facts: CommitFacts): Promise<void> {
	const { ports } = run;
	const attempts = new Map(plans.map((plan) => [plan, attemptOf(plan, ports.random.uuid())]));
	const sendBy = ports.clock.monotonicMs() + sendWindowMs;
	const stored = await commitOrHold(run, plans, facts, (plan) => commitOf(plan, facts, attempts.get(plan) ?? null));
	const ready = plans.filter(({ link }) => stored.has(link.id));
	const startedAtMs = ports.clock.monotonicMs();
	const outcomes = await transmit(run, ready, sendBy);
	adjustPace(run, ports.clock.monotonicMs() - startedAtMs);
	const systemic = await systemicFailure(run, [...outcomes.values()]);

	await commitOrHold(run, ready, facts, (plan): LinkCommit => {
		const stateRev = stored.get(plan.link.id) ?? plan.link.stateRev;
		const sent = outcomes.get(plan);
		if (sent?.kind === 'written') return confirmedOf(plan, facts, { stateRev, ...heldNow(run, plan, sent) });
		const error = sent?.error ?? new ConnectorError('expired', { hint: 'The write did not leave in time.' });
		return failure(run, plan, facts, {
			stateRev,
			error,
			systemic: systemic !== null,
			attempt: attempts.get(plan) ?? null
		});
	});
	if (systemic) throw systemic;
}

/** Groups grow and shrink towards what half of a window takes: few commits a record, and nothing misses the window. */
function adjustPace({ pace }: RunContext, tookMs: number): void {
	const change = Math.min(2, Math.max(0.5, sendWindowMs / 2 / Math.max(1, tookMs)));
	pace.writesAtOnce = Math.min(200, Math.max(4, Math.floor(pace.writesAtOnce * change)));
}

function attemptOf({ action, internal }: PlannedLink, tag: string): WriteAttempt {
	return { tag, external: action.push, internal: pick(internal?.fields ?? {}, Object.keys(action.push)) };
}

/**
 * What each sent field is now known to be. A reply's own values count; a read-back counts where its version is our
 * write's or the value is what we sent; everything else keeps the sent value, marked unconfirmed.
 */
function heldNow(run: RunContext, plan: PlannedLink, sent: Extract<Sent, { kind: 'written' }>) {
	const { reply, readBack: back } = sent;
	const held: Record<string, Value> = {};
	const unconfirmed: string[] = [];
	const ours = back !== null && reply.version !== null && back.version === reply.version;
	for (const rule of run.resource.fields) {
		const value = plan.action.push[rule.name];
		if (value === undefined) continue;
		const answered = reply.fields?.[rule.name];
		const read = back?.fields[rule.name];
		if (answered !== undefined) held[rule.name] = answered;
		else if (
			read !== undefined &&
			(ours || canonical(rule.type, rule.normal(read)) === canonical(rule.type, rule.normal(value)))
		)
			held[rule.name] = read;
		else unconfirmed.push(rule.name);
	}
	const foreign = back !== null && !ours && changedElsewhere(run, plan, back, unconfirmed);
	return {
		sent: plan.action.push,
		held: held as Fields,
		unconfirmed,
		version: reply.version ?? (foreign ? null : (back?.version ?? null)),
		stamp: reply.stamp ?? (foreign ? null : (back?.stamp ?? null)),
		foreign
	};
}

/** Somebody wrote between our write and the read-back: look at the link again. */
function changedElsewhere(
	run: RunContext,
	plan: PlannedLink,
	back: ExternalRecord,
	unconfirmed: readonly string[]
): boolean {
	if (unconfirmed.length > 0) return true;
	return run.resource.fields.some(({ name, type }) => {
		if (name in plan.action.push) return false;
		return canonical(type, back.fields[name] ?? null) !== canonical(type, plan.external?.fields[name] ?? null);
	});
}

const nothingWritten: ReadonlySet<string> = new Set([
	'conflict',
	'expired',
	'missing',
	'rejected',
	'duplicate',
	'rate-limited',
	'unauthorized',
	'misconfigured'
]);

function failure(
	run: RunContext,
	plan: PlannedLink,
	facts: CommitFacts,
	at: { stateRev: string; error: ConnectorError; systemic: boolean; attempt: WriteAttempt | null }
): LinkCommit {
	const { error } = at;
	const blamed = stopsRun(error.kind) && !at.systemic ? 'rejected' : error.kind === 'missing' ? 'conflict' : error.kind;
	const next = nextTry(plan.link.tries, blamed, error.retryAfterMs, run.ports.random.number);
	const raced = blamed === 'conflict' || blamed === 'expired';
	const counted = !raced && !(at.systemic && stopsRun(error.kind));
	if (counted) run.failures.count += 1;
	// Without a precondition a write that timed out may land late: nothing else is sent before it had its time.
	const { precondition, overlapMs } = run.resource.capabilities;
	const landingMs =
		precondition.kind === 'none' && !nothingWritten.has(error.kind)
			? Math.max(requestTimeoutMs + sendWindowMs, overlapMs)
			: 0;
	const attempt = at.attempt && {
		...at.attempt,
		...(landingMs > 0 && { landsByMs: Math.ceil(databaseNowMs(run) + landingMs) })
	};
	const pendingWrite: PendingWrite | null = nothingWritten.has(error.kind)
		? plan.link.pendingWrite
		: { attempts: [...(plan.link.pendingWrite?.attempts ?? []), ...(attempt ? [attempt] : [])].slice(-8) };
	return failedOf(plan, facts, {
		stateRev: at.stateRev,
		problem: { kind: error.kind, message: error.reply ?? error.hint, hint: error.hint, ...fieldNamed(plan, error) },
		tries: next === 'quarantine' ? plan.link.tries + 1 : next.tries,
		retryDelayMs: next === 'quarantine' ? 0 : Math.max(next.delayMs, landingMs),
		quarantine: next === 'quarantine',
		counted,
		pendingWrite,
		unconfirmed: stillUnconfirmed(plan),
		stamps: stampsOf(plan)
	});
}

/** A single pushed field is the one that was refused. */
function fieldNamed(plan: PlannedLink, error: ConnectorError): { field?: string } {
	const [field, ...others] = Object.keys(plan.action.push);
	return error.kind === 'rejected' && field !== undefined && others.length === 0 ? { field } : {};
}

/** The failure that concerns the whole channel, if there is one. A lone failed write is checked by a probe. */
async function systemicFailure(run: RunContext, outcomes: readonly Sent[]): Promise<ConnectorError | null> {
	const errors = outcomes.flatMap((one) => (one.kind === 'failed' ? [one.error] : []));
	const certain = errors.find(
		({ kind }) => kind === 'unauthorized' || kind === 'misconfigured' || kind === 'rate-limited'
	);
	if (certain) return certain;
	if (!errors.some(({ kind }) => kind === 'unreachable')) return null;
	try {
		await run.session.probe({ signal: run.signal });
		return null;
	} catch (error) {
		if (error instanceof ConnectorError) return error;
		throw error;
	}
}
