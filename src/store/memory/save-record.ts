import type { DecisionChange } from '#src/db/schema/decisions.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { Person } from '../person.ts';
import { isUniqueViolation } from '../postgres-error.ts';
import type { Refusal } from '../refusal.ts';
import { codeTaken, comesFromChannels, nothingToSave, savedMeanwhile, unknownEntity } from '../refusals.ts';
import {
	editsOf,
	firstValuesOf,
	type CreateRecordInput,
	type CreateRecordResult,
	type SaveRecordInput,
	type SaveRecordResult
} from '../save-record.ts';
import { entityIn, recordIn } from './custom-fields.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { compareAndSet, insertRecord } from './record-store.ts';
import type { Tables } from './tables.ts';

/** `saveRecord` in memory. */
export function saveRecord(tables: Tables, input: SaveRecordInput): SaveRecordResult {
	const entity = entityIn(tables, input.entity);
	if (!entity) return unknownEntity(input.entity);
	return uniqueCode(tables, entity, () => {
		const record = recordIn(tables, entity, input.id);
		if (!record) return nothingToSave();
		if (record.rev !== input.rev) return savedMeanwhile();
		const changes = editsOf(entity, record, input.fields);
		if (changes.length === 0) return { ok: true, id: record.id, rev: record.rev };
		const fields = Object.fromEntries(changes.map(({ field, after }) => [field, after]));
		const written = compareAndSet(tables, entity, [{ id: record.id, rev: record.rev, fields, changed: {} }]);
		const rev = written.get(record.id);
		if (rev === undefined) return savedMeanwhile();
		writeDown(tables, input, { entity, id: record.id, action: 'edit', changes });
		return { ok: true, id: record.id, rev };
	});
}

/** `createRecord` in memory. */
export function createRecord(tables: Tables, input: CreateRecordInput): CreateRecordResult {
	const entity = entityIn(tables, input.entity);
	if (!entity) return unknownEntity(input.entity);
	if (entity.comesFrom === 'channel') return comesFromChannels(entity);
	return uniqueCode(tables, entity, () => {
		const record = insertRecord(tables, entity, input.fields, {});
		const changes = firstValuesOf(entity, record);
		writeDown(tables, input, { entity, id: record.id, action: 'create-record', changes });
		return { ok: true, id: record.id, rev: record.rev };
	});
}

function uniqueCode<T>(tables: Tables, entity: Entity, work: () => T | Refusal): T | Refusal {
	try {
		return tables.atomically(work);
	} catch (error) {
		if (!isUniqueViolation(error)) throw error;
		return codeTaken(entity);
	}
}

function writeDown(
	tables: Tables,
	person: Person,
	at: { entity: Entity; id: string; action: string; changes: readonly DecisionChange[] }
): void {
	const { entity, id, action, changes } = at;
	const about = { channelId: null, linkId: null, externalId: null, variantId: '' };
	writeJournal(tables, person, { ...about, entity: entity.name, internalId: id, action, changes });
	const detail = { fields: changes.map(({ field }) => field) };
	writeAudit(tables, person, { action, object: `${entity.name}/${id}`, channelId: null, detail });
}
