import type { Entity, EntityField, InternalRecord } from '#src/entities/entity.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { matchCode } from '#src/sync/match-code.ts';
import { columnValue } from './column-value.ts';
import { assignedAttributes } from './custom-fields.ts';
import { derivedFields, namedAfter } from './derived-fields.ts';
import { notNullViolation } from './database-error.ts';
import { insertDecision } from './journal-rows.ts';
import { updateLinkRows } from './link-triggers.ts';
import { stateDelta } from './state-delta.ts';
import { inIdOrder } from './table.ts';
import type { RecordRow, Tables } from './tables.ts';

/** One row of an UPDATE of records: columns to set, and what becomes of `changed` (absent = it is not named). */
export type RecordUpdate = { before: RecordRow; fields: Fields; changed?: Readonly<Record<string, string>> };

/**
 * INSERT INTO a table of records with its triggers: absent columns take their defaults, null is null; `custom` names the
 * attributes that may be among the values. Throws what PostgreSQL would.
 */
export function insertRecordRow(
	tables: Tables,
	entityName: string,
	values: Fields,
	changed: Readonly<Record<string, string>> = {},
	custom: readonly EntityField[] = []
): RecordRow {
	const { entity, records } = tables.of(entityName);
	const fields: Record<string, Value> = {};
	for (const field of entity.fields) {
		const value = values[field.name];
		fields[field.name] = value === undefined ? (field.type === 'boolean' ? true : null) : columnValue(field, value);
	}
	Object.assign(fields, derivedFields(tables, entity, fields));
	const id = records.nextId();
	requireValues(entity, fields);
	const now = tables.now();
	const record: InternalRecord = { id, rev: '1', changed, createdAt: now, updatedAt: now, fields };
	const attributes = assignedAttributes(custom, {}, values, []);
	const row = records.insert({ id, record, attributes, codes: codesOf(entity, fields) });
	announce(tables, entityName, row, 'upsert');
	return row;
}

/** INSERT of a deleted record with the values it had. Throws what PostgreSQL would. */
export function restoreRecordRow(tables: Tables, entityName: string, kept: RecordRow): RecordRow {
	const { records } = tables.of(entityName);
	const row = records.insert({ ...kept, record: { ...kept.record, rev: '1' } });
	announce(tables, entityName, row, 'upsert');
	return row;
}

/** UPDATE of records with its triggers; each record at most once. Returns the rows as they are now, in the order given. */
export function updateRecordRows(
	tables: Tables,
	entityName: string,
	updates: readonly RecordUpdate[],
	custom: readonly EntityField[] = []
): RecordRow[] {
	const { entity, records } = tables.of(entityName);
	const rows = updates.map((update) => {
		const row = touched(tables, entity, custom, update);
		return row === update.before ? row : records.replace(update.before, row);
	});
	rows.forEach((row, at) => {
		const before = updates[at]?.before.record;
		if (row.record.rev !== before?.rev) announce(tables, entityName, row, 'upsert');
		if (before && isRenamed(before.fields, row.record.fields)) renamePointing(tables, entityName, row.id);
	});
	return rows;
}

function isRenamed(before: Fields, after: Fields): boolean {
	return before['value'] !== after['value'] || before['name'] !== after['name'];
}

/** cm_rename_pointing(): what is named after the record follows; that is no change of it. */
function renamePointing(tables: Tables, entityName: string, id: string): void {
	for (const { entity: name, rows } of namedAfter(tables, entityName, id)) {
		const { entity, records } = tables.of(name);
		for (const row of rows) {
			const fields = { ...row.record.fields, ...derivedFields(tables, entity, row.record.fields) };
			records.replace(row, { ...row, record: { ...row.record, fields } });
		}
	}
}

/** DELETE of one record with its triggers: its links become orphans, which the journal keeps. */
export function deleteRecordRow(tables: Tables, entityName: string, row: RecordRow): void {
	const { records, linksOfRecord } = tables.of(entityName);
	records.remove(row);
	announce(tables, entityName, row, 'delete');
	const problem = {
		kind: 'missing-internal',
		message: 'Our record was deleted.',
		hint: 'Restore it, or unlink the two.'
	};
	const links = inIdOrder(linksOfRecord(row.id));
	if (links.length > 0) keepDeleted(tables, entityName, row);
	const orphans = updateLinkRows(
		tables,
		entityName,
		links.map((before) => ({
			before,
			set: {
				status: 'orphan',
				stateRev: before.stateRev + 1n,
				pendingWrite: null,
				cleanSeq: before.dirtySeq,
				problem
			}
		}))
	);
	for (const [at, before] of links.entries()) {
		const { id: linkId, channelId, internalId, externalId, variantId } = before;
		insertDecision(tables, {
			channelId,
			entity: entityName,
			linkId,
			internalId,
			externalId,
			variantId,
			actor: 'database',
			action: 'orphan',
			linkState: stateDelta(before, orphans[at] ?? before)
		});
	}
}

/** The row of a record that had links, kept until it is brought back. */
function keepDeleted(tables: Tables, entity: string, row: RecordRow): void {
	const earlier = tables.deletedRecord(entity, row.id);
	const kept = { entity, recordId: row.id, row };
	if (earlier) tables.deletedRecords.replace(earlier, kept);
	else tables.deletedRecords.insert(kept);
}

/** cm_touch_record(): the revision moves when a value does; a field whose time the writer did not name gets the time now. */
function touched(
	tables: Tables,
	entity: Entity,
	custom: readonly EntityField[],
	{ before, fields, changed }: RecordUpdate
): RecordRow {
	const old = before.record;
	const values: Record<string, Value> = { ...old.fields };
	const moved: string[] = [];
	for (const field of entity.fields) {
		const value = fields[field.name];
		if (value === undefined || field.derived) continue;
		let next = columnValue(field, value);
		if (field.orElse && (next ?? '') === '') next = fields[field.orElse] ?? old.fields[field.orElse] ?? null;
		if (next === old.fields[field.name]) continue;
		values[field.name] = next;
		moved.push(field.name);
	}
	const attributes = assignedAttributes(custom, before.attributes, fields, moved);
	if (moved.length === 0) return before;
	for (const [name, value] of Object.entries(derivedFields(tables, entity, values))) {
		if (values[name] === value) continue;
		values[name] = value;
		if (typeof entity.fields.find((field) => field.name === name)?.derived === 'object') moved.push(name);
	}
	requireValues(entity, values);
	const now = tables.now();
	const times: Record<string, string> = { ...(changed ?? old.changed) };
	for (const name of moved) if (times[name] === old.changed[name]) times[name] = now;
	const record: InternalRecord = {
		id: old.id,
		rev: String(BigInt(old.rev) + 1n),
		changed: times,
		createdAt: old.createdAt,
		updatedAt: now,
		fields: values
	};
	const codes = entity.matchKeys.some((key) => moved.includes(key)) ? codesOf(entity, values) : before.codes;
	return { id: old.id, record, attributes, codes };
}

function requireValues(entity: Entity, fields: Fields): void {
	for (const field of entity.fields) {
		const needed = field.required === true || field.type === 'boolean';
		if (needed && fields[field.name] === null) throw notNullViolation(entity.recordTable, field.name);
	}
}

function codesOf(entity: Entity, fields: Fields): Record<string, string | null> {
	return Object.fromEntries(entity.matchKeys.map((key) => [key, matchCode(fields[key] ?? null)]));
}

function announce(tables: Tables, entity: string, { record }: RecordRow, operation: 'upsert' | 'delete'): void {
	const id = BigInt(tables.outbox.nextId());
	tables.outbox.insert({ id, entity, recordId: record.id, rev: record.rev, operation });
}
