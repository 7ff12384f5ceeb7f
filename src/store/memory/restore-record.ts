import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { referenceOf } from '#src/sync/own-reference.ts';
import { isUniqueViolation } from '../postgres-error.ts';
import {
	codeTaken,
	furtherNotRestored,
	intentOpen,
	nothingKept,
	nothingMissing,
	notSending,
	unknownEntity,
	unknownLink
} from '../refusals.ts';
import type { RestoreRecordInput, RestoreRecordResult } from '../restore-record.ts';
import { insertExclusions } from './exclusions.ts';
import { insertDecision } from './journal-rows.ts';
import { deleteLinkRows, updateLinkRows } from './link-triggers.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { restoreRecordRow } from './record-triggers.ts';
import { stateDelta } from './state-delta.ts';
import { inIdOrder } from './table.ts';
import type { LinkRow, RecordRow, Tables } from './tables.ts';
import { archiveLink, endOpenConflicts } from './unlink-records.ts';

/** `restoreRecord` in memory. */
export function restoreRecord(tables: Tables, input: RestoreRecordInput): RestoreRecordResult {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const { links, records } = tables.of(entity.name);
	const link = links.get(input.linkId);
	if (!link) return unknownLink();
	if (link.status !== 'orphan') return nothingMissing();
	const record = records.get(link.internalId);
	if (record) {
		return link.problem?.kind === 'missing-internal'
			? nothingMissing()
			: createThere(tables, entity, link, record, input);
	}
	try {
		return tables.atomically(() => bringBackOurs(tables, entity, link, input));
	} catch (error) {
		if (!isUniqueViolation(error)) throw error;
		return codeTaken(entity);
	}
}

function bringBackOurs(
	tables: Tables,
	entity: Entity,
	{ channelId, internalId }: LinkRow,
	input: RestoreRecordInput
): RestoreRecordResult {
	const kept = tables.deletedRecord(entity.name, internalId);
	if (!kept) return nothingKept(entity);
	tables.deletedRecords.remove(kept);
	restoreRecordRow(tables, entity.name, kept.row);
	const links = carryOn(tables, entity.name, internalId, input.actor.name);
	writeAudit(tables, input, {
		action: 'restore',
		object: `${entity.name}/${internalId}`,
		channelId,
		detail: { side: 'internal', links: links.map(({ id }) => id) }
	});
	return { ok: true, side: 'internal', channelId, internalId, links };
}

function carryOn(
	tables: Tables,
	entity: string,
	internalId: string,
	actor: string
): { id: string; channelId: string }[] {
	const { linksOfRecord } = tables.of(entity);
	const orphans = inIdOrder(linksOfRecord(internalId)).filter(({ status }) => status === 'orphan');
	const back = updateLinkRows(
		tables,
		entity,
		orphans.map((before) => ({
			before,
			set: {
				status: 'pending',
				problem: null,
				tries: 0,
				retryAt: null,
				dirtySeq: before.dirtySeq + 1n,
				stateRev: before.stateRev + 1n
			}
		}))
	);
	for (const [at, before] of orphans.entries()) {
		const { id: linkId, channelId, externalId, variantId } = before;
		const linkState = stateDelta(before, back[at] ?? before);
		const about = { channelId, entity, linkId, internalId, externalId, variantId };
		insertDecision(tables, { ...about, actor, action: 'restore', linkState });
	}
	return orphans.map(({ id, channelId }) => ({ id, channelId }));
}

function createThere(
	tables: Tables,
	entity: Entity,
	link: LinkRow,
	{ record }: RecordRow,
	input: RestoreRecordInput
): RestoreRecordResult {
	const { channelId, internalId, externalId, variantId } = link;
	const channelName = tables.channels.get(channelId)?.name ?? '';
	if (!link.isPrimary) return furtherNotRestored(channelName);
	const [installation] = tables.installations.all();
	if (!tables.channelEntity(channelId, entity.name)?.pushLive || !installation) return notSending(channelName);
	if (tables.intentOfRecord(channelId, entity.name, internalId)) return intentOpen(`in ${channelName}`);
	const historyId = archiveLink(tables, entity, link, { endedBy: input.actor.name, reason: 'restored' });
	deleteLinkRows(tables, entity.name, [link]);
	endOpenConflicts(tables, entity.name, link.id);
	const pair = { channelId, entity: entity.name, internalId, externalId, variantId };
	const marks = { pair: true, internal: false, external: true, reason: 'restored', createdBy: input.actor.name };
	insertExclusions(tables, pair, marks);
	const reference = referenceOf(installation.key, entity.name, internalId);
	tables.intents.insert({
		id: tables.intents.nextId(),
		channelId,
		entity: entity.name,
		internalId,
		reference,
		fields: record.fields,
		internalRev: record.rev,
		state: 'open',
		tries: 0,
		sentAt: null,
		retryAt: null,
		claimedBy: null,
		claimedUntil: null,
		problem: null,
		createdAt: tables.now()
	});
	const inputs = { historyId, reference };
	writeJournal(tables, input, {
		...pair,
		linkId: link.id,
		action: 'restore',
		inputs,
		linkState: { ended: true as const }
	});
	const object = `${entity.name}-link/${link.id}`;
	const detail = { side: 'external', internalId, externalId, variantId, ...inputs };
	writeAudit(tables, input, { action: 'restore', object, channelId, detail });
	return { ok: true, side: 'external', channelId, internalId, links: [] };
}
