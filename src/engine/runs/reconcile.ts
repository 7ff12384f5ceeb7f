import type { ClaimedLinks, LinkWithRecord } from '#src/store/claim-links.ts';
import type { CeilingKind } from '#src/store/commit-links.ts';
import type { Value } from '#src/sync/fields.ts';
import { oscillates, type AutomaticWrite } from '#src/sync/oscillation.ts';
import { epochMicros } from '#src/sync/settle.ts';
import { ConnectorError } from '../connectors/error.ts';
import { gather, pageOf, type GatheredLink } from './gather.ts';
import { commitBroken, commitFacts, commitPlans } from './commit-plans.ts';
import type { CommitFacts } from './link-commits.ts';
import { planLink, type PlannedLink } from './plan-link.ts';
import { lookUpReferences, type References } from './references.ts';
import { databaseNowMs, linkLeaseMs, sendWindowMs, type RunContext } from './run-context.ts';
import { sendWrites } from './send-writes.ts';
import { isEvidence } from './shown-records.ts';

/** Lets some of the decided links through to be written; it must release the others. */
export type Admit = (plans: readonly PlannedLink[]) => Promise<readonly PlannedLink[]>;

/**
 * Works off dirty links until none is due: claim, gather, decide, apply. With `linkIds`, only these, as they are named at
 * each claim; with `admit`, only what it lets through.
 */
export async function reconcileDirty(
	run: RunContext,
	linkIds: readonly string[] | null,
	admit: Admit | null = null
): Promise<void> {
	const { ports, entity } = run;
	for (;;) {
		await run.checkpoint('links');
		const sentAtMs = ports.clock.nowMs();
		const sendBy = ports.clock.monotonicMs() + sendWindowMs;
		const { claimed, databaseNow, set } = await ports.store.claimLinks({
			channelId: run.channel.id,
			entity,
			workerId: ports.workerId,
			leaseMs: linkLeaseMs(run.resource),
			limit: claimsAtOnce(run),
			linkIds
		});
		run.clocks.observeDatabase(sentAtMs, ports.clock.nowMs(), databaseNow);
		run.databaseTime = { ms: Number(epochMicros(databaseNow) ?? 0n) / 1000, monotonicMs: ports.clock.monotonicMs() };
		if (claimed.length === 0) return;
		await followPeople(run, set);
		await reconcileBatch(run, claimed, sendBy, admit);
	}
}

/** Decides by what people have set and approved by now: what is decided by older settings is marked only once. */
async function followPeople(run: RunContext, set: ClaimedLinks['set']): Promise<void> {
	if (set?.settingsRev !== run.channel.settingsRev) await run.followSettings();
	run.held.clear();
	for (const kind of set?.held ?? []) run.held.add(kind as CeilingKind);
}

/** What one read asks for, or as many as are written together; more where the feed of this run has shown their records. */
function claimsAtOnce({ pace, shown, resource }: RunContext): number {
	const readable = Math.max(pageOf(resource), pace.writesAtOnce);
	return shown.size > readable ? Math.max(readable, Math.min(pace.shownAtOnce, shown.size + readable)) : readable;
}

async function reconcileBatch(
	run: RunContext,
	claimed: readonly LinkWithRecord[],
	sendBy: number,
	admit: Admit | null
): Promise<void> {
	const { ports, entity } = run;
	try {
		// What asks to be let through starts from a read of its own.
		const unread = admit ? claimed : await leaveRest(run, await pullShown(run, claimed));
		if (unread.length === 0) return;
		const { gathered, broken } = await gather(run, unread, sendBy);
		const facts = { ...commitFacts(run), references: await referencesIn(run, gathered) };
		await commitBroken(run, broken, facts);
		const present = await setSuspectsApart(
			run,
			gathered.map((link) => planOne(run, link, facts.references))
		);
		const plans = await breakOscillation(run, admit ? await admit(present) : present, facts);
		const { now, later } = splitUnsettled(run, plans);
		if (later.ids.length > 0)
			await ports.store.releaseLinks({ entity, workerId: ports.workerId, linkIds: later.ids, delayMs: later.delayMs });
		const pushing = now.filter(({ action }) => Object.keys(action.push).length > 0);
		await commitPlans(
			run,
			now.filter((plan) => !pushing.includes(plan)),
			facts
		);
		for (let start = 0; start < pushing.length;) {
			const group = pushing.slice(start, start + run.pace.writesAtOnce);
			await sendWrites(run, group, facts);
			start += group.length;
		}
	} catch (error) {
		// Whatever ended the batch, its untouched links are free for the next one.
		await ports.store.releaseLinks({
			entity,
			workerId: ports.workerId,
			linkIds: claimed.map(({ link }) => link.id),
			delayMs: 0
		});
		if (!(error instanceof ConnectorError && error.kind === 'expired')) throw error;
		run.pace.writesAtOnce = Math.ceil(run.pace.writesAtOnce / 2);
	}
}

/** Gives back what is more than can be read in time; from then on no more than that is claimed. */
async function leaveRest(run: RunContext, unread: readonly LinkWithRecord[]): Promise<readonly LinkWithRecord[]> {
	const { ports, entity, pace } = run;
	const readable = Math.max(pageOf(run.resource), pace.writesAtOnce);
	if (unread.length <= readable) return unread;
	pace.shownAtOnce = 0;
	const linkIds = unread.slice(readable).map(({ link }) => link.id);
	await ports.store.releaseLinks({ entity, workerId: ports.workerId, linkIds, delayMs: 0 });
	return unread.slice(0, readable);
}

/**
 * Takes over what the change feed of this run has shown already, for links where only that side changed. The others are
 * returned: what is sent, asked or doubtful starts from a direct read.
 */
async function pullShown(run: RunContext, claimed: readonly LinkWithRecord[]): Promise<readonly LinkWithRecord[]> {
	const shown = claimed.flatMap((one) => {
		const external = run.shown.take(one.link);
		return external && isEvidence(one, external, run.resource) ? [{ ...one, external, readAtMs: null }] : [];
	});
	if (shown.length === 0) return claimed;
	const facts = { ...commitFacts(run), references: await referencesIn(run, shown) };
	const pulls = shown
		.map((link) => planOne(run, link, facts.references))
		.filter(({ wanted }) => wanted.kind === 'pull' || wanted.kind === 'none');
	await commitPlans(run, await breakOscillation(run, pulls, facts), facts);
	const done = new Set(pulls.map(({ link }) => link.id));
	return claimed.filter(({ link }) => !done.has(link.id));
}

/**
 * A record that a read does not show is a suspect: one lost or damaged answer must not break a link. The next read, later in
 * this run, confirms it. Until then the record counts as gone, so that any listing which shows it brings the link back.
 */
async function setSuspectsApart(run: RunContext, plans: readonly PlannedLink[]): Promise<PlannedLink[]> {
	const { ports, channel, entity, suspects } = run;
	const fresh = plans.filter(({ link, action }) => action.missing === 'external' && !suspects.has(link.id));
	if (fresh.length === 0) return [...plans];
	for (const { link } of fresh) suspects.add(link.id);
	const gone = fresh.map(({ link }) => ({ id: link.externalId, variantId: link.variantId }));
	await ports.store.confirmMissing({ channelId: channel.id, entity, gone, present: [] });
	const linkIds = fresh.map(({ link }) => link.id);
	await ports.store.releaseLinks({ entity, workerId: ports.workerId, linkIds, delayMs: 0 });
	return plans.filter((plan) => !fresh.includes(plan));
}

/** What the references of both sides, now and when they last agreed, point to. */
function referencesIn({ ports, channel, entity, resource }: RunContext, gathered: readonly GatheredLink[]) {
	return lookUpReferences(
		{ store: ports.store, channelId: channel.id, entity, resource },
		gathered.flatMap(({ link, internal }) => [internal?.fields, link.baseInternal]),
		gathered.map(({ external }) => external?.fields)
	);
}

function planOne(run: RunContext, gathered: GatheredLink, references: References | undefined): PlannedLink {
	const { channel, held, resource } = run;
	const open = !held.has('updates') && !held.has('deactivations');
	return planLink(gathered, {
		resource,
		policy: channel.policy,
		live: { push: channel.pushLive && open && resource.update !== undefined, pull: channel.pullLive && open },
		clock: run.clocks.channelAgainstDatabase(channel.id),
		references,
		nowMs: run.ports.clock.nowMs()
	});
}

/**
 * Writes that must not leave yet, whoever asks for them; their links come back after the rest of the time. A coarse
 * precondition tag is safe only where it was read once its own tick and the channel's longest transaction were over (class A1). Without a
 * precondition (class B) nothing leaves while an earlier write without an answer may still land over it.
 */
function splitUnsettled(run: RunContext, plans: readonly PlannedLink[]) {
	const waits = new Map<string, number>();
	for (const plan of plans) {
		if (Object.keys(plan.action.push).length === 0) continue;
		const restMs = restBeforeSend(run, plan);
		if (restMs > 0) waits.set(plan.link.id, restMs);
	}
	return {
		now: plans.filter(({ link }) => !waits.has(link.id)),
		later: { ids: [...waits.keys()], delayMs: Math.ceil(Math.min(60_000, Math.max(0, ...waits.values()))) }
	};
}

function restBeforeSend(run: RunContext, { link, external, readAtMs }: PlannedLink): number {
	const { precondition } = run.resource.capabilities;
	if (precondition.kind === 'strict') return 0;
	if (precondition.kind === 'none') {
		const landsByMs = (link.pendingWrite?.attempts ?? []).map((attempt) => attempt.landsByMs ?? 0);
		return Math.max(0, ...landsByMs) - databaseNowMs(run);
	}
	const micros = external?.stamp ? epochMicros(external.stamp) : null;
	if (micros === null) return 0;
	const safeFromMs = Number(micros / 1000n) + precondition.settleMs;
	// What was read before may since have been changed under the same tag, however long we waited with it.
	if (readAtMs !== null && readAtMs >= safeFromMs) return 0;
	return Math.max(1, safeFromMs - run.clocks.channelTimeMs(run.channel.id, run.ports.clock.nowMs()));
}

/** Sets links aside whose write would carry on an endless back and forth of the same values. */
async function breakOscillation(
	run: RunContext,
	plans: readonly PlannedLink[],
	facts: CommitFacts
): Promise<PlannedLink[]> {
	const { ports, entity } = run;
	const writing = plans.filter(
		({ link, action }) => link.status !== 'failed' && Object.keys({ ...action.push, ...action.pull }).length > 0
	);
	if (writing.length === 0) return [...plans];
	const history = await ports.store.recentWrites({ entity, internalIds: writing.map(({ link }) => link.internalId) });
	if (history.length === 0) return [...plans];
	const nowMs = ports.clock.nowMs();
	const swinging = new Map<string, string>();
	const latest = new Set(run.resource.fields.filter((codec) => codec.latest).map(({ name }) => name));
	for (const { link, action } of writing) {
		for (const [side, values] of [
			[`external ${link.id}`, action.push],
			['internal', action.pull]
		] as const) {
			for (const [field, value] of Object.entries(values)) {
				// What is sold there moves it back and forth all day.
				if (latest.has(field)) continue;
				const earlier = history
					.filter((row) => row.internalId === link.internalId && row.field === field)
					.map((row): AutomaticWrite => ({ atMs: Date.parse(row.at), value: row.value as Value, side: row.side }));
				if (oscillates([...earlier, { atMs: nowMs, value, side }], nowMs)) swinging.set(link.id, field);
			}
		}
	}
	const broken = plans.filter(({ link }) => swinging.has(link.id));
	await commitBroken(
		run,
		broken.map((plan) => ({
			plan,
			field: swinging.get(plan.link.id) ?? '',
			kind: 'oscillation',
			reply: 'The same values keep being written back and forth.',
			quarantine: true
		})),
		facts
	);
	return plans.filter(({ link }) => !swinging.has(link.id));
}
