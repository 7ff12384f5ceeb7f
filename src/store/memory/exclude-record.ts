import { entityNamed } from '#src/entities/registry.ts';
import type {
	EndExclusionInput,
	EndExclusionResult,
	ExcludeRecordInput,
	ExcludeRecordResult
} from '../exclude-record.ts';
import type { Refusal } from '../refusal.ts';
import {
	excludedWhereNotCarried,
	exclusionGone,
	linkedNotExcluded,
	nothingToExclude,
	unknownEntity
} from '../refusals.ts';
import { insertExclusion, sameExclusion } from './exclusions.ts';
import { joinWaitingLists, leaveWaitingLists } from './leave-waiting-lists.ts';
import { forget } from './awaiting.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import type { Tables } from './tables.ts';
import { isInternalLinked } from './waiting-list.ts';

type OneRecord = {
	channelId: string;
	entity: string;
	internalId: string | null;
	externalId: string | null;
	variantId: string;
};

/** `excludeRecord` in memory. */
export function excludeRecord(tables: Tables, input: ExcludeRecordInput): ExcludeRecordResult {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const { channelId, reason } = input;
	const which =
		'externalId' in input
			? { externalId: input.externalId, variantId: input.variantId }
			: { externalId: null, variantId: '' };
	const internalId = 'internalId' in input ? input.internalId : null;
	const record: OneRecord = { channelId, entity: entity.name, internalId, ...which };
	const refused = checkRecord(tables, record);
	if (refused) return refused;
	const exclusionId = insertOnce(tables, record, reason, input.actor.name);
	leaveWaitingLists(tables, record);
	const owner = internalId === null ? 'external' : 'internal';
	forget(tables, record, { owner, ownerId: internalId ?? record.externalId ?? '', variantId: record.variantId });
	writeJournal(tables, input, { ...record, linkId: null, action: 'exclude', inputs: { reason } });
	const { channelId: _, ...about } = record;
	const detail = { ...about, reason };
	writeAudit(tables, input, { action: 'exclude', object: `exclusion/${exclusionId}`, channelId, detail });
	return { ok: true, exclusionId };
}

function checkRecord(tables: Tables, record: OneRecord): Refusal | null {
	const { channelId, entity, internalId, externalId, variantId } = record;
	const { records, linkByExternal } = tables.of(entity);
	if (!tables.channelEntity(channelId, entity)) return excludedWhereNotCarried();
	const exists =
		(internalId !== null && records.get(internalId) !== undefined) ||
		(externalId !== null && tables.channelRecord(channelId, entity, externalId, variantId) !== undefined);
	if (!exists) return nothingToExclude(internalId === null ? 'external' : 'internal');
	const linked =
		(internalId !== null && isInternalLinked(tables, { channelId, entity, internalId })) ||
		(externalId !== null && linkByExternal(channelId, externalId, variantId) !== undefined);
	return linked ? linkedNotExcluded() : null;
}

function insertOnce(tables: Tables, record: OneRecord, reason: string, createdBy: string): string {
	const values = { ...record, kind: 'record', reason, createdBy };
	const there = sameExclusion(tables, values);
	if (!there) return insertExclusion(tables, values).id;
	tables.exclusions.replace(there, { ...there, reason, createdBy, createdAt: tables.now() });
	return there.id;
}

/** `endExclusion` in memory. */
export function endExclusion(tables: Tables, input: EndExclusionInput): EndExclusionResult {
	const ended = tables.exclusions.get(input.exclusionId);
	if (!ended) return exclusionGone();
	tables.exclusions.remove(ended);
	const { channelId, entity, kind, internalId, externalId, variantId, reason } = ended;
	const about = { entity, internalId, externalId, variantId };
	joinWaitingLists(tables, ended);
	writeJournal(tables, input, { ...about, channelId, linkId: null, action: 'include', inputs: { kind, reason } });
	const detail = { ...about, kind, reason };
	writeAudit(tables, input, { action: 'include', object: `exclusion/${input.exclusionId}`, channelId, detail });
	return { ok: true, channelId, entity };
}
