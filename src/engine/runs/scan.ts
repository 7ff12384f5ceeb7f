import type { ExternalKey, ExternalRecord, Page } from '../connectors/connector.ts';
import { epochMicros, isoFromMicros } from '#src/sync/settle.ts';
import { ConnectorError } from '../connectors/error.ts';
import { readInTime } from './read-in-time.ts';
import { seenOf } from './seen.ts';
import { RunHeld, RunStopped, sendWindowMs, type RunContext } from './run-context.ts';

const hintsAtOnce = 1000;
const linksAtOnce = 1000;
const suspectsAtOnce = 100;
/** Records of a listing that are stored together, where so many come within half a second. */
const storedAtOnce = 500;
const storedWithinMs = 500;

/** Takes all hints about changed records of ours. */
export async function drainHints(run: RunContext): Promise<void> {
	for (;;) {
		await run.checkpoint('scan');
		if ((await run.ports.store.drainOutbox({ entity: run.entity, limit: hintsAtOnce })) < hintsAtOnce) return;
	}
}

/**
 * Asks the channel what changed since the last scan, overlapping by its longest transaction. The cursor never passes
 * the channel's time at the start of the scan, so that a row committed late with an earlier stamp is seen next time.
 */
export async function scanChanges(run: RunContext): Promise<void> {
	const { channel, resource } = run;
	// By another field table links have to be compared whose records did not change.
	const sameTable = channel.fingerprint === null || channel.fingerprint === resource.fingerprint;
	if (!resource.changes || channel.cursor === null || !sameTable) return scanEverything(run);
	const since = shifted(channel.cursor, -resource.capabilities.overlapMs);
	// A cursor from a time that has not come yet, after the channel's clock was wrong for a moment, would miss what happens until then.
	if (after(since, channelNow(run))) await run.session.probe({ signal: run.signal });
	if (after(since, channelNow(run))) return scanEverything(run);
	const started = scanStart(run);
	const changes = resource.changes.bind(resource);
	let newest = channel.cursor;
	await eachPage(
		run,
		(cursor) => changes(since, cursor, { signal: run.signal }),
		async (records) => {
			if (after(since, started())) return;
			newest = records.reduce((latest, { stamp }) => (stamp !== null && after(stamp, latest) ? stamp : latest), newest);
			await record(run, records, { complete: false, cursor: earlier(newest, started()) });
			run.shown.keep(records);
		}
	);
	// Only the answers told that this cursor was one of those: what happened until now was not asked for.
	if (after(since, started())) await scanEverything(run);
}

/** Lists the whole channel: finds what the change feed does not show, absences included. Restarts from nothing when interrupted. */
export async function scanEverything(run: RunContext): Promise<void> {
	const { ports, channel, entity, resource } = run;
	const startedAt = await ports.store.databaseNow();
	const started = scanStart(run);
	await eachPage(
		run,
		(next) => resource.list(next, { signal: run.signal }),
		(records) => record(run, records, { complete: true, cursor: null })
	);
	await markStale(run);
	await confirmAbsences(run, startedAt);
	await record(run, [], { complete: true, cursor: started() });
	await ports.store.endSweep({
		channelId: channel.id,
		entity: entity.name,
		startedAt,
		fingerprint: resource.fingerprint
	});
}

/**
 * Goes through all pages. Those that come quickly are handed over together, a record that several of them show as the last
 * one does; what came before a failure is handed over too.
 */
async function eachPage(
	run: RunContext,
	fetch: (cursor: string | null) => Promise<Page>,
	use: (records: readonly ExternalRecord[]) => Promise<void>
): Promise<void> {
	const { clock } = run.ports;
	const kept = new Map<string, ExternalRecord>();
	const handOver = async () => {
		const records = [...kept.values()];
		kept.clear();
		await use(records);
	};
	let sinceMs = clock.monotonicMs();
	try {
		for await (const records of pagesOf(run, fetch)) {
			for (const one of records) kept.set(`${one.id}\n${one.variantId}`, one);
			if (kept.size < storedAtOnce && clock.monotonicMs() - sinceMs < storedWithinMs) continue;
			await handOver();
			sinceMs = clock.monotonicMs();
		}
	} catch (error) {
		if (kept.size > 0) await handOver();
		throw error;
	}
	await handOver();
}

async function* pagesOf(
	run: RunContext,
	fetch: (cursor: string | null) => Promise<Page>
): AsyncIterable<readonly ExternalRecord[]> {
	let cursor: string | null = null;
	let shown = '';
	const asked = new Set<string>();
	do {
		await run.checkpoint('scan');
		const page: Page = await fetch(cursor);
		const keys = page.records.map(({ id, variantId }) => `${id}\n${variantId}`).join('\n');
		if ((page.next !== null && asked.has(page.next)) || (keys !== '' && keys === shown)) {
			throw new ConnectorError('invalid-reply', {
				hint: 'The channel keeps returning the same page; its paging settings need a look.'
			});
		}
		shown = keys;
		yield page.records;
		cursor = page.next;
		if (cursor !== null) asked.add(cursor);
	} while (cursor !== null);
}

async function record(
	run: RunContext,
	records: readonly ExternalRecord[],
	at: { complete: boolean; cursor: string | null }
): Promise<void> {
	const stored = await run.ports.store.recordPage({
		channelId: run.channel.id,
		entity: run.entity,
		records: records.map((one) => seenOf(run.entity, one)),
		complete: at.complete,
		cursor: at.cursor,
		run: { runId: run.run.id, attempt: run.run.attempt }
	});
	if (stored === null) throw new RunStopped('stopping');
}

async function markStale(run: RunContext): Promise<void> {
	let afterId: string | null = '0';
	while (afterId !== null) {
		await run.checkpoint('scan');
		afterId = await run.ports.store.markStaleLinks({
			channelId: run.channel.id,
			entity: run.entity,
			afterId,
			limit: linksAtOnce,
			fingerprint: run.resource.fingerprint
		});
	}
}

/**
 * A record that the listing left out is a suspect; a direct read confirms. So many at once are no deletions but a
 * broken listing: then nothing is believed, and the run is held for a person.
 */
async function confirmAbsences(run: RunContext, startedAt: string): Promise<void> {
	const { ports, channel, entity, resource } = run;
	const look = async () => {
		// From before they are named: one of them may be unlinked while the question is on its way.
		const sendBy = ports.clock.monotonicMs() + sendWindowMs;
		const limit = Math.min(suspectsAtOnce, resource.capabilities.pageSize);
		return { sendBy, ...(await ports.store.suspectMissing({ channelId: channel.id, entity, startedAt, limit })) };
	};
	const first = await look();
	const { total, known } = first;
	const { count, share } = channel.policy.ceilings.deactivations;
	const limit = Math.max(count, Math.floor(share * known));
	if (total > limit) await holdUnlessApproved(run, { total, known, limit, suspects: first.suspects });
	for (let next = first; next.suspects.length > 0; next = await look()) {
		const { suspects, sendBy } = next;
		await run.checkpoint('scan');
		const found = await readInTime(run, suspects, sendBy);
		if (found === null) continue;
		const present = new Set(found.map(({ id, variantId }) => `${id}\n${variantId}`));
		const isPresent = (key: { id: string; variantId: string }) => present.has(`${key.id}\n${key.variantId}`);
		await record(run, found, { complete: true, cursor: null });
		await ports.store.confirmMissing({
			channelId: channel.id,
			entity,
			gone: suspects.filter((key) => !isPresent(key)),
			present: suspects.filter(isPresent)
		});
	}
}

/** Ends the run unless a person said that so many may be missing. Some of them are listed, for who looks. */
async function holdUnlessApproved(
	{ ports, channel, entity, run }: RunContext,
	{ total, known, limit, suspects }: { total: number; known: number; limit: number; suspects: readonly ExternalKey[] }
): Promise<void> {
	const at = { channelId: channel.id, entity: entity.name, runId: run.id };
	if ((await ports.store.holdAbsences({ ...at, missing: total, limit })) === 'allowed') return;
	const problem = {
		kind: 'not-listed',
		message: 'Not in the listing.',
		hint: 'It was not asked for by its id yet, and nothing was changed.'
	};
	const items = suspects.map(({ id, variantId }) => ({
		linkId: null,
		internalId: null,
		externalId: id,
		variantId,
		action: 'none',
		outcome: 'skipped',
		fields: [],
		problem
	}));
	await ports.store.addItems({ runId: run.id, phase: 'scan', items, counts: { skipped: items.length } });
	throw new RunHeld(
		`The listing left out ${total} of ${known} known records.`,
		'Nothing was changed. Approve if they were really deleted there; discard if the listing was wrong.'
	);
}

/**
 * The channel's time as the scan starts, at the earliest it may be: the earlier of what its clock is known to be now and
 * what it turns out to have been once it has answered, so that neither a clock that was wrong for a moment nor one that
 * was not measured yet makes the next scans miss changes.
 */
function scanStart(run: RunContext): () => string {
	const startedMs = run.ports.clock.nowMs();
	const known = channelTime(run, startedMs);
	return () => earlier(known, channelTime(run, startedMs));
}

function channelNow(run: RunContext): string {
	return channelTime(run, run.ports.clock.nowMs());
}

function channelTime(run: RunContext, atMs: number): string {
	return isoFromMicros(BigInt(Math.floor(run.clocks.channelTimeMs(run.channel.id, atMs))) * 1000n);
}

function earlier(one: string, other: string): string {
	return after(one, other) ? other : one;
}

function after(one: string, other: string): boolean {
	return (epochMicros(one) ?? 0n) > (epochMicros(other) ?? 0n);
}

function shifted(iso: string, byMs: number): string {
	return isoFromMicros((epochMicros(iso) ?? 0n) + BigInt(byMs) * 1000n);
}
