import type { LinkProblem } from '#src/entities/map-table.ts';
import type { Intent } from '#src/store/intents.ts';
import type { NewLink } from '#src/store/insert-link.ts';
import { externalKeysOf } from '#src/sync/match-references.ts';
import { canonical, type Fields, type Value } from '#src/sync/fields.ts';
import { nextTry } from '#src/sync/retry.ts';
import type { CreateReply, ExternalRecord } from '../connectors/connector.ts';
import { ConnectorError, stopsRun } from '../connectors/error.ts';
import { awaitingOf, carriedOver, lookUpReferences, type References } from './references.ts';
import { leaseMs, requestTimeoutMs, sendWindowMs, type RunContext } from './run-context.ts';

const intentsAtOnce = 20;
/** A create whose reference was unlinked looks again this much later. */
const unlinkedRetryMs = 60_000;

/**
 * Works off open creates. Each is stored before it leaves and carries a reference; one whose answer was lost is looked
 * for by that reference, after it had its time to land, before anything is sent again. Tells whether there were any.
 */
export async function createAtChannel(run: RunContext): Promise<boolean> {
	const { ports, channel, entity, resource } = run;
	const { reference } = resource.capabilities;
	if (!resource.create || !resource.findByReference || !reference || !channel.pushLive) return false;
	const settleMs = sendWindowMs + requestTimeoutMs + reference.searchLagMs;
	for (let any = false; ; any = true) {
		await run.checkpoint('create');
		const claimed = await ports.store.claimIntents({
			channelId: channel.id,
			entity,
			workerId: ports.workerId,
			leaseMs,
			settleMs,
			limit: intentsAtOnce
		});
		if (claimed.length === 0) return any;
		const references = await lookUpReferences(
			{ store: ports.store, channelId: channel.id, entity, resource },
			claimed.map(({ fields }) => fields),
			[]
		);
		for (const intent of claimed) await settleIntent(run, intent, references);
	}
}

async function settleIntent(run: RunContext, intent: Intent, references: References | undefined): Promise<void> {
	const { fields, awaiting } = carriedOver(run.resource, references, 'internal', intent.fields);
	const sent = writable(run, fields);
	try {
		const found = intent.sentBefore ? await findSent(run, intent) : null;
		if (found) return await bind(run, intent, found, 'adopt', sent);
		const [unlinked] = awaitingOf(run.channel.name, references, awaiting);
		if (unlinked) return await unlinkedSince(run, intent, unlinked.problem);
		const sendBy = run.ports.clock.monotonicMs() + sendWindowMs;
		if (
			!(await run.ports.store.markIntentSent({
				intentId: intent.id,
				workerId: run.ports.workerId,
				leaseMs
			}))
		)
			return;
		const record = await run.resource.create?.(
			{ reference: intent.reference, fields: sent },
			{ signal: run.signal, sendBy }
		);
		if (record) await bind(run, intent, record, 'create-external', sent);
	} catch (error) {
		if (!(error instanceof ConnectorError)) throw error;
		await fail(run, intent, error);
	}
}

/** A record that the new one points to was unlinked since the create was decided on: nothing is sent before it is linked again. */
async function unlinkedSince(run: RunContext, intent: Intent, problem: LinkProblem): Promise<void> {
	await run.ports.store.failIntent({
		intentId: intent.id,
		workerId: run.ports.workerId,
		runId: run.run.id,
		state: 'open',
		notSent: !intent.sentBefore,
		retryDelayMs: unlinkedRetryMs,
		problem
	});
}

async function findSent(run: RunContext, intent: Intent): Promise<ExternalRecord | null> {
	const hits = (await run.resource.findByReference?.([intent.reference], { signal: run.signal })) ?? [];
	if (hits.length > 1) {
		throw new ConnectorError('ambiguous', {
			hint: `${hits.length} records at the channel carry the reference ${intent.reference}. Delete all but one there, then retry.`
		});
	}
	return hits[0] ?? null;
}

function writable(run: RunContext, fields: Fields): Fields {
	const values: Record<string, Value> = {};
	for (const rule of run.resource.fields) {
		const value = fields[rule.name];
		const isSent = !rule.readOnly || rule.atCreate;
		if (isSent && value !== undefined && value !== null) values[rule.name] = rule.normal(value);
	}
	return values;
}

async function bind(
	run: RunContext,
	intent: Intent,
	record: CreateReply,
	action: 'create-external' | 'adopt',
	sent: Fields
): Promise<void> {
	const { ports, channel, entity, resource } = run;
	const unconfirmed: string[] = [];
	const baseExternal: Record<string, Value> = {};
	for (const { name, type, normal } of resource.fields) {
		if (record.shownOnly?.includes(name)) continue;
		const value = sent[name];
		const there = record.fields[name];
		// The base is what was sent: a value that already differs at the channel was edited or rewritten there since.
		if (value === undefined) {
			if (there !== undefined) baseExternal[name] = (intent.fields[name] ?? null) === null ? null : there;
		} else if (
			there !== undefined &&
			((action === 'create-external' && !record.readBack) ||
				canonical(type, normal(there)) === canonical(type, normal(value)))
		) {
			baseExternal[name] = there;
		} else {
			baseExternal[name] = value;
			unconfirmed.push(name);
		}
	}
	const link: NewLink = {
		channelId: channel.id,
		entity,
		internalId: intent.internalId,
		externalId: record.id,
		variantId: record.variantId,
		baseInternal: intent.fields,
		baseExternal,
		unconfirmed,
		internalVersion: intent.internalRev,
		externalVersion: record.version,
		externalStamp: record.stamp,
		codecFingerprint: resource.fingerprint
	};
	const result = await ports.store.bindIntent({
		intentId: intent.id,
		runId: run.run.id,
		action,
		link,
		seen: {
			version: record.version,
			stamp: record.stamp,
			reference: intent.reference,
			url: record.url ?? null,
			matchKeys: externalKeysOf(entity, record.fields)
		}
	});
	if (result === 'held') {
		throw new ConnectorError('ambiguous', {
			hint: 'One of the two records was linked by hand meanwhile. Unlink it, or delete the record created at the channel.'
		});
	}
}

async function fail(run: RunContext, intent: Intent, error: ConnectorError): Promise<void> {
	const next = nextTry(intent.tries, error.kind, error.retryAfterMs, run.ports.random.number);
	const gaveUp = next === 'quarantine' || error.kind === 'ambiguous';
	if (error.kind !== 'expired') run.failures.count += 1;
	await run.ports.store.failIntent({
		intentId: intent.id,
		workerId: run.ports.workerId,
		runId: run.run.id,
		state: gaveUp ? 'problem' : 'open',
		// Any answer may be a lie of something in between: what left is searched for before it is sent again.
		notSent: error.kind === 'expired' && !intent.sentBefore,
		retryDelayMs: next === 'quarantine' ? 0 : next.delayMs,
		problem: { kind: error.kind, message: error.reply ?? error.hint, hint: error.hint }
	});
	if (stopsRun(error.kind)) throw error;
}
