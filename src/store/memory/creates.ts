import type { Entity } from '#src/entities/entity.ts';
import { inScope } from '#src/sync/scope.ts';
import { creationChanges, type BindIntentInput } from '../bind-intent.ts';
import type { ImportRecordInput } from '../import-record.ts';
import type { NewLink } from '../insert-link.ts';
import type { Intent, OpenIntentsInput } from '../intents.ts';
import { isUniqueViolation } from '../postgres-error.ts';
import { insertLink } from './insert-link.ts';
import { insertBatch, insertDecision, insertItem } from './journal-rows.ts';
import { insertRecord } from './record-store.ts';
import { reserveEffects } from './reserve-effects.ts';
import { scopeOf } from './scope-of.ts';
import { stateBegan } from './state-delta.ts';
import { inIdOrder } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';
import { isExternalExcluded, isInternalExcluded, isInternalLinked } from './waiting-list.ts';

/** `openIntents` in memory. */
export function openIntents(tables: Tables, input: OpenIntentsInput): { opened: number; held: number } {
	if (input.records.length === 0) return { opened: 0, held: 0 };
	const { channelId } = input;
	const entity = input.entity.name;
	const scope = scopeOf(tables, channelId, entity);
	const records = input.records.filter(({ fields }) => inScope(fields, scope.internal));
	if (records.length === 0) return { opened: 0, held: 0 };
	const allowed = reserveEffects(tables, {
		channelId,
		entity,
		kind: 'creates',
		limit: input.limit,
		wanted: records.length,
		runId: input.runId
	});
	let opened = 0;
	// An INSERT ... SELECT sees the table as it was; what it adds itself only conflicts.
	const free = records.slice(0, allowed).filter(({ internalId }) => {
		const record = { channelId, entity, internalId };
		return !isInternalLinked(tables, record) && !isInternalExcluded(tables, record);
	});
	for (const { internalId, rev, fields, reference } of free) {
		const id = tables.intents.nextId();
		if (tables.intentOfRecord(channelId, entity, internalId)) continue;
		opened++;
		tables.intents.insert({
			id,
			channelId,
			entity,
			internalId,
			reference,
			fields,
			internalRev: rev,
			state: 'open',
			tries: 0,
			sentAt: null,
			retryAt: null,
			claimedBy: null,
			claimedUntil: null,
			problem: null,
			createdAt: tables.now()
		});
		tables.requireChannel('sync_intent', channelId);
	}
	return { opened, held: records.length - allowed };
}

/** `claimIntents` in memory. */
export function claimIntents(
	tables: Tables,
	input: { channelId: string; entity: Entity; workerId: string; leaseMs: number; settleMs: number; limit: number }
): Intent[] {
	const now = tables.now();
	const settledSince = tables.nowPlus(-input.settleMs);
	const due = inIdOrder(tables.openIntents(input.channelId, input.entity.name)).filter(
		(intent) =>
			(intent.retryAt === null || intent.retryAt <= now) &&
			(intent.claimedUntil === null || intent.claimedUntil <= now) &&
			(intent.sentAt === null || intent.sentAt <= settledSince)
	);
	const claimedUntil = tables.nowPlus(input.leaseMs);
	return due.slice(0, input.limit).map((intent) => {
		tables.intents.replace(intent, { ...intent, claimedBy: input.workerId, claimedUntil });
		const { id, internalId, reference, fields, internalRev, tries } = intent;
		return { id, internalId, reference, fields, internalRev, tries, sentBefore: intent.sentAt !== null };
	});
}

/** `markIntentSent` in memory. */
export function markIntentSent(
	tables: Tables,
	input: { intentId: string; workerId: string; leaseMs: number }
): boolean {
	const intent = tables.intents.get(input.intentId);
	if (intent?.claimedBy !== input.workerId || intent.state !== 'open') return false;
	if (isInternalExcluded(tables, intent)) return false;
	if (!tables.channelEntity(intent.channelId, intent.entity)?.pushLive) return false;
	const claimedUntil = tables.nowPlus(input.leaseMs);
	tables.intents.replace(intent, { ...intent, sentAt: tables.now(), tries: intent.tries + 1, claimedUntil });
	return true;
}

/** `failIntent` in memory. */
export function failIntent(
	tables: Tables,
	input: {
		intentId: string;
		workerId: string;
		runId: string;
		state: 'open' | 'problem' | 'dropped';
		notSent: boolean;
		retryDelayMs: number;
		problem: { kind: string; message: string; hint: string };
	}
): void {
	const intent = tables.intents.get(input.intentId);
	if (intent?.claimedBy !== input.workerId) return;
	if (input.state === 'dropped') {
		tables.intents.remove(intent);
		return;
	}
	const { runId, state, problem } = input;
	tables.intents.replace(intent, {
		...intent,
		state,
		problem,
		claimedBy: null,
		claimedUntil: null,
		sentAt: input.notSent ? null : intent.sentAt,
		retryAt: tables.nowPlus(input.retryDelayMs)
	});
	insertItem(tables, { runId, internalId: intent.internalId, action: 'create-external', outcome: 'failed', problem });
	insertBatch(tables, runId, 'create', { failed: 1 });
}

/** `bindIntent` in memory. */
export function bindIntent(tables: Tables, input: BindIntentInput): 'bound' | 'held' | 'gone' {
	const { link, seen } = input;
	const intent = tables.intents.get(input.intentId);
	if (!intent) return 'gone';
	const { channelId, externalId, variantId } = link;
	const entity = link.entity.name;
	if (!tables.channelRecord(channelId, entity, externalId, variantId)) {
		const key = { channelId, entity, externalId, variantId };
		const times = { seenAt: tables.now(), deletedAt: null };
		tables.channelRecords.insert({
			...key,
			fields: link.baseExternal,
			...seen,
			matchKeys: [...seen.matchKeys],
			...times
		});
		tables.requireChannel('c_channel_record', channelId);
	}
	const made = insertLink(tables, link);
	if (made === null) return 'held';
	tables.intents.remove(intent);
	recordCreation(tables, { ...input, made, side: 'external' });
	return 'bound';
}

/** Rolls the new record of ours back: somebody linked the external record in between. */
class LinkTaken extends Error {}

/** `importRecord` in memory. */
export function importRecord(tables: Tables, input: ImportRecordInput): 'imported' | 'taken' | 'duplicate' | 'held' {
	try {
		return tables.atomically(() => attemptImport(tables, input));
	} catch (error) {
		if (error instanceof LinkTaken) return 'taken';
		if (isUniqueViolation(error)) return 'duplicate';
		throw error;
	}
}

function attemptImport(tables: Tables, input: ImportRecordInput): 'imported' | 'taken' | 'held' {
	const { channelId, externalId, variantId, runId } = input;
	const entity = input.entity.name;
	if (tables.of(entity).linkByExternal(channelId, externalId, variantId)) return 'taken';
	if (isExternalExcluded(tables, { channelId, entity, externalId, variantId })) return 'taken';
	if (!inScope(input.externalFields, scopeOf(tables, channelId, entity).external)) return 'taken';
	const limit = { kind: 'creates', limit: input.limit, wanted: 1 };
	if (reserveEffects(tables, { channelId, entity, ...limit, runId }) === 0) return 'held';
	const record = insertRecord(tables, input.entity, input.fields, input.changed);
	const link = {
		channelId,
		entity: input.entity,
		internalId: record.id,
		externalId,
		variantId,
		baseInternal: record.fields,
		baseExternal: input.externalBase ?? input.externalFields,
		unconfirmed: [],
		internalVersion: record.rev,
		externalVersion: input.externalVersion,
		externalStamp: input.externalStamp,
		codecFingerprint: input.codecFingerprint
	};
	const made = insertLink(tables, link);
	if (made === null) throw new LinkTaken();
	recordCreation(tables, { runId, action: 'create-internal', link, made, side: 'internal' });
	return 'imported';
}

function recordCreation(
	tables: Tables,
	input: { runId: string; action: string; link: NewLink; made: LinkRow; side: 'internal' | 'external' }
): void {
	const { runId, action, made } = input;
	const { channelId, entity, internalId, externalId, variantId, codecFingerprint } = input.link;
	const about = { linkId: made.id, internalId, externalId, variantId };
	insertDecision(tables, {
		...about,
		channelId,
		entity: entity.name,
		runId,
		actor: 'engine',
		action,
		inputs: { internal: input.link.baseInternal, external: input.link.baseExternal },
		changes: creationChanges(input),
		codecFingerprint,
		linkState: stateBegan(made)
	});
	insertItem(tables, { ...about, runId, action, outcome: 'created' });
	insertBatch(tables, runId, 'create', { created: 1 });
}
