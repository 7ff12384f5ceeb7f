import type { Entity, InternalRecord, InternalWrite } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import { attributeFields, withAttributes } from './custom-fields.ts';
import { withoutDerived } from './derived-fields.ts';
import { insertRecordRow, updateRecordRows } from './record-triggers.ts';
import { compareIds } from './table.ts';
import type { Tables } from './tables.ts';

/** The records of these ids that exist, in id order. */
export function readRecords(tables: Tables, entity: Entity, ids: Iterable<string>): InternalRecord[] {
	const { records } = tables.of(entity.name);
	const found: InternalRecord[] = [];
	for (const id of new Set(ids)) {
		const row = records.get(id);
		if (row) found.push(withAttributes(tables, entity, row));
	}
	return found.sort((one, other) => compareIds(one.id, other.id));
}

/** `EntityStore.compareAndSet` in memory: the new revision of each record that still had the revision read. */
export function compareAndSet(
	tables: Tables,
	entity: Entity,
	writes: readonly InternalWrite[]
): ReadonlyMap<string, string> {
	const { entity: described, records } = tables.of(entity.name);
	const blanks = described.fields.filter(({ required, type }) => (required && type === 'text') || type === 'boolean');
	const seen = new Set<string>();
	const updates = writes.flatMap((write) => {
		const before = records.get(write.id);
		if (before?.record.rev !== write.rev || seen.has(write.id)) return [];
		seen.add(write.id);
		const fields = withoutDerived(described, assigned(write.fields));
		return [{ before, fields, changed: { ...before.record.changed, ...write.changed } }];
	});
	const rows = updateRecordRows(tables, entity.name, updates, attributeFields(tables, entity));
	return new Map(rows.map(({ id, record }) => [id, record.rev]));

	/** What may not be empty becomes '' or false. */
	function assigned(fields: Fields): Fields {
		const empty = blanks.filter(({ name }) => fields[name] === null);
		if (empty.length === 0) return fields;
		return { ...fields, ...Object.fromEntries(empty.map(({ name, type }) => [name, type === 'boolean' ? false : ''])) };
	}
}

/** `EntityStore.insert` in memory: values that are null take their defaults. */
export function insertRecord(
	tables: Tables,
	entity: Entity,
	fields: Fields,
	changed: Readonly<Record<string, string>>
): InternalRecord {
	const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
	const { entity: described } = tables.of(entity.name);
	const custom = attributeFields(tables, entity);
	const row = insertRecordRow(tables, entity.name, withoutDerived(described, given), changed, custom);
	return withAttributes(tables, entity, row);
}

/** `EntityStore.findByCode` in memory: ids of records with one of these codes, in id order. */
export function findByCode(tables: Tables, entity: string, field: string, codes: readonly string[]): string[] {
	if (codes.length === 0) return [];
	const wanted = new Set(codes);
	const limit = codes.length * 5;
	const found: string[] = [];
	for (const { id, codes: own } of tables.of(entity).records.all()) {
		const code = own[field];
		if (typeof code !== 'string' || !wanted.has(code)) continue;
		found.push(id);
		if (found.length === limit) break;
	}
	return found;
}
