import type { InternalWrite } from '#src/entities/entity.ts';
import type { LinkProblem } from '#src/entities/map-table.ts';
import type { CeilingKind, LinkCommit } from '#src/store/commit-links.ts';
import { ageOf, type Action, type PendingWrite, type StampFacts, type WriteAttempt } from '#src/sync/decide.ts';
import { canonical, type Fields, type FieldType } from '#src/sync/fields.ts';
import type { LinkStatus, Outcome } from '#src/sync/outcome.ts';
import { epochMicros, isoFromMicros } from '#src/sync/settle.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import type { ExternalRecord } from '../connectors/connector.ts';
import { journalOf, sameValues } from './journal-entry.ts';
import { livePending, pick, type PlannedLink } from './plan-link.ts';
import { awaitingOf, type References } from './references.ts';

export type CommitFacts = {
	channelName: string;
	references?: References | undefined;
	fingerprint: string;
	policy: ChannelEntityPolicy;
	clock: StampFacts['clock'];
	stampCovers: 'all' | readonly string[];
	nowMs: number;
};

/** How long a write that was never confirmed may still land once the sides agree without it. */
const landingMs = 30_000;

/** Commit 1 of a planned link: everything but what the channel must answer first. */
export function commitOf(plan: PlannedLink, facts: CommitFacts, attempt: WriteAttempt | null): LinkCommit {
	const { action, link } = plan;
	const writes = attempt !== null;
	const pull = Object.keys(action.pull).length > 0 ? pullOf(plan, facts) : null;
	const agreed = action.agreed;
	return {
		...identity(plan, facts),
		...stampsOf(plan),
		clean: !writes,
		keepClaim: writes,
		status: writes ? 'pending' : statusOf(plan),
		waiting: plan.waiting ? plan.wanted.kind : null,
		problem: action.kind === 'orphan' ? orphanProblem(action) : awaitingProblem(plan, facts),
		tries: writes ? link.tries : 0,
		bases: {
			internal: { ...agreed.internal, ...action.pull },
			external: { ...agreed.external, ...pick(plan.external?.fields ?? {}, Object.keys(action.pull)) }
		},
		unconfirmed: stillUnconfirmed(plan),
		pendingWrite: attempt ? withAttempt(plan, attempt, facts) : fading(link.pendingWrite, facts.nowMs),
		pull,
		effect: effectOf(action),
		asked: action.asked,
		settled: action.settled,
		journal: journalOf(plan, facts, attempt),
		item: writes || (action.kind === 'none' && !action.awaiting) ? null : itemOf(plan),
		outcome: writes ? null : outcomeOf(plan),
		...((action.awaiting !== undefined || link.status === 'awaiting') && {
			awaiting: awaitingOf(facts.channelName, facts.references, action.awaiting ?? [])
		})
	};
}

/** The channel answered a write of this plan; `record` is what it holds now, as far as known. */
export function confirmedOf(
	plan: PlannedLink,
	facts: CommitFacts,
	result: {
		stateRev: string;
		sent: Fields;
		held: Fields;
		unconfirmed: readonly string[];
		version: string | null;
		stamp: string | null;
		foreign: boolean;
	}
): LinkCommit {
	const { action } = plan;
	const fields = Object.keys(action.push);
	return {
		...identity(plan, facts),
		internalVersion: null,
		stateRev: result.stateRev,
		clean: !result.foreign,
		keepClaim: false,
		status: result.foreign ? 'pending' : statusOf(plan),
		waiting: plan.waiting ? plan.wanted.kind : null,
		problem: awaitingProblem(plan, facts),
		tries: 0,
		bases: { internal: pick(plan.internal?.fields ?? {}, fields), external: { ...result.sent, ...result.held } },
		unconfirmed: [...stillUnconfirmed(plan).filter((field) => !fields.includes(field)), ...result.unconfirmed],
		externalVersion: result.version,
		externalStamp: result.stamp ?? plan.external?.stamp ?? null,
		stampPassed: result.stamp === null,
		pendingWrite: null,
		pull: null,
		effect: null,
		seen: {
			fields: { ...(plan.external?.fields ?? {}), ...result.sent, ...result.held },
			version: result.version,
			stamp: result.stamp
		},
		asked: null,
		settled: [],
		journal: null,
		item: itemOf(plan),
		outcome: action.kind === 'merge' ? 'merged' : 'pushed'
	};
}

/** A try that failed: the link keeps its bases, waits for its next turn or is set aside. */
export function failedOf(
	plan: PlannedLink,
	facts: CommitFacts,
	failure: {
		stateRev: string;
		problem: LinkProblem;
		tries: number;
		retryDelayMs: number;
		quarantine: boolean;
		counted: boolean;
		pendingWrite: PendingWrite | null;
		/** Fields of the external base that no read has confirmed, as the last commit left them. */
		unconfirmed: readonly string[];
		/** What the last commit left of the channel's tag and stamp. */
		stamps: Stamps;
	}
): LinkCommit {
	return {
		...identity(plan, facts),
		internalVersion: null,
		stateRev: failure.stateRev,
		clean: failure.quarantine,
		keepClaim: false,
		status: failure.quarantine
			? 'quarantined'
			: failure.counted
				? 'failed'
				: plan.link.status === 'failed'
					? 'failed'
					: 'pending',
		waiting: null,
		problem: failure.counted || failure.quarantine ? failure.problem : plan.link.problem,
		tries: failure.tries,
		retryDelayMs: failure.retryDelayMs,
		bases: { internal: {}, external: {} },
		unconfirmed: failure.unconfirmed,
		...failure.stamps,
		pendingWrite: failure.pendingWrite,
		pull: null,
		effect: null,
		seen: null,
		asked: null,
		settled: [],
		journal: failure.quarantine ? { action: 'quarantine', inputs: { problem: failure.problem }, changes: [] } : null,
		item: failure.counted || failure.quarantine ? itemOf(plan) : null,
		outcome: failure.quarantine ? 'quarantined' : failure.counted ? 'failed' : null
	};
}

/** What commit 1 of a plan leaves unconfirmed: the values that were read there now are confirmed by that. */
export function stillUnconfirmed({ link, action }: PlannedLink): string[] {
	return link.unconfirmed.filter((field) => !(field in action.agreed.external) && !(field in action.pull));
}

export type Stamps = Pick<LinkCommit, 'externalVersion' | 'externalStamp' | 'stampPassed'>;

/** The channel's tag and stamp as commit 1 of a plan leaves them. */
export function stampsOf({ link, external, waiting, input }: PlannedLink): Stamps {
	const externalVersion = external?.version ?? link.externalVersion;
	// While something waits for its direction the stamp of the last agreement stays: it tells that the channel's has moved
	// since. What waits for a person needs no stamp any more, and a restored value must be seen as older than this one.
	// A commit that came late makes no agreement older: by the newest stamp a backup is told that is put back afterwards.
	if (waiting || !external || (external.stamp !== link.externalStamp && ageOf(input, external) === 'late'))
		return { externalVersion, externalStamp: link.externalStamp, stampPassed: link.stampPassed };
	return { externalVersion, externalStamp: external.stamp, stampPassed: false };
}

function identity(plan: PlannedLink, facts: CommitFacts) {
	const { link, internal, external } = plan;
	return {
		linkId: link.id,
		internalId: link.internalId,
		externalId: link.externalId,
		variantId: link.variantId,
		stateRev: link.stateRev,
		dirtySeq: link.dirtySeq,
		retryDelayMs: 0,
		internalVersion: internal?.rev ?? null,
		codecFingerprint: facts.fingerprint,
		seen: external && { fields: external.fields, version: external.version, stamp: external.stamp }
	};
}

function statusOf({ action, waiting }: PlannedLink): LinkStatus {
	if (action.kind === 'orphan') return 'orphan';
	if (action.asked.length > 0) return 'conflict';
	if (action.awaiting) return 'awaiting';
	return waiting ? 'pending' : 'in-sync';
}

function outcomeOf({ action, waiting }: PlannedLink): Outcome {
	switch (action.kind) {
		case 'orphan':
			return 'orphaned';
		case 'pull':
			return 'pulled';
		case 'push':
			return 'pushed';
		case 'merge':
			return 'merged';
		case 'conflict':
			return 'conflicted';
		case 'none':
			return waiting || action.awaiting ? 'skipped' : 'in-sync';
	}
}

/** What the link waits for first. */
function awaitingProblem({ action }: PlannedLink, { channelName, references }: CommitFacts): LinkProblem | null {
	return awaitingOf(channelName, references, action.awaiting?.slice(0, 1) ?? [])[0]?.problem ?? null;
}

function itemOf({ wanted }: PlannedLink) {
	const fields = new Set([
		...Object.keys(wanted.push),
		...Object.keys(wanted.pull),
		...wanted.asked.map(({ field }) => field),
		...(wanted.awaiting ?? []).map(({ field }) => field)
	]);
	return { action: wanted.kind === 'none' && wanted.awaiting ? 'await' : wanted.kind, fields: [...fields] };
}

/** Which ceiling the automatic effect of an action counts against. */
export function effectOf(action: Action): CeilingKind | null {
	if (Object.keys(action.push).length + Object.keys(action.pull).length === 0) return null;
	return action.push['is_active'] === false || action.pull['is_active'] === false ? 'deactivations' : 'updates';
}

function orphanProblem(action: Action): LinkProblem {
	if (action.missing === 'internal') {
		return {
			kind: 'missing-internal',
			message: 'Our record is gone.',
			hint: 'Restore it, or unlink the two.'
		};
	}
	return {
		kind: 'missing-external',
		message: 'The record no longer exists at the channel.',
		hint: 'Restore it, or unlink the two. Where it comes back there by itself, the link carries on.'
	};
}

/** A pulled value keeps the time of its source, in our clock, where the channel's stamp covers it. */
function pullOf(plan: PlannedLink, facts: CommitFacts): InternalWrite | null {
	const { internal, external, action } = plan;
	if (!internal) return null;
	const micros = external?.stamp ? epochMicros(external.stamp) : null;
	const changed: Record<string, string> = {};
	if (micros !== null && facts.clock) {
		const source = isoFromMicros(micros - BigInt(Math.round(facts.clock.offsetMs * 1000)));
		for (const field of Object.keys(action.pull)) {
			if (facts.stampCovers === 'all' || facts.stampCovers.includes(field)) changed[field] = source;
		}
	}
	return { id: internal.id, rev: internal.rev, fields: action.pull, changed };
}

function withAttempt(plan: PlannedLink, attempt: WriteAttempt, facts: CommitFacts): PendingWrite {
	const earlier = livePending(plan.link.pendingWrite, facts.nowMs)?.attempts ?? [];
	return { attempts: [...earlier.filter((one) => !sameValues(one, attempt)), attempt].slice(-8) };
}

/** The sides agree without these writes: from here on they count as ours only for as long as one may still land. */
function fading(pending: PendingWrite | null, nowMs: number): PendingWrite | null {
	const live = livePending(pending, nowMs);
	return live && { attempts: live.attempts.map((attempt) => ({ untilMs: nowMs + landingMs, ...attempt })) };
}

/** Whether the channel still holds what was gathered, field by field. */
export function sameRecord(
	one: ExternalRecord,
	other: ExternalRecord,
	fields: readonly { name: string; type: FieldType }[]
): boolean {
	return fields.every(
		({ name, type }) => canonical(type, one.fields[name] ?? null) === canonical(type, other.fields[name] ?? null)
	);
}
