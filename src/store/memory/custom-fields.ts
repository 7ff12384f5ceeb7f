import { withCustomFields } from '#src/entities/custom-fields.ts';
import type { Entity, EntityField, InternalRecord } from '#src/entities/entity.ts';
import { attributeValue } from '#src/entities/record-store.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { columnValue } from './column-value.ts';
import type { CustomFieldRow } from './sync-tables.ts';
import type { RecordRow, Tables } from './tables.ts';

type Attributes = RecordRow['attributes'];

const none: readonly EntityField[] = [];

/** The custom fields that an entity has by now, in their order. */
export function customFieldsOf(tables: Tables, entity: string): CustomFieldRow[] {
	if (tables.customFields.size === 0) return [];
	return [...tables.liveCustomFields(entity)].sort((one, other) => one.position - other.position);
}

/** `entityIn` in memory. */
export function entityIn(tables: Tables, name: string): Entity | undefined {
	const entity = entityNamed(name);
	return entity && withCustomFields(entity, customFieldsOf(tables, name));
}

/** The fields of an entity that are attributes: those behind its own. */
export function attributeFields(tables: Tables, entity: Entity): readonly EntityField[] {
	const own = tables.of(entity.name).entity.fields.length;
	return entity.fields.length === own ? none : entity.fields.slice(own);
}

/** A record as the store of the entity hands it out. */
export function withAttributes(tables: Tables, entity: Entity, { record, attributes }: RecordRow): InternalRecord {
	const custom = attributeFields(tables, entity);
	if (custom.length === 0) return record;
	const values = custom.flatMap(({ name, type }): [string, Value][] => {
		const value = attributeValue(type, attributes[name] ?? null);
		return value === undefined ? [] : [[name, value]];
	});
	return { ...record, fields: { ...record.fields, ...Object.fromEntries(values) } };
}

/** The record of this id with its custom fields; undefined where there is none. */
export function recordIn(tables: Tables, entity: Entity, id: string): InternalRecord | undefined {
	const row = tables.of(entity.name).records.get(id);
	return row && withAttributes(tables, entity, row);
}

/** The attributes of a record after these fields were assigned to it; the names of those that changed go to `moved`. */
export function assignedAttributes(
	custom: readonly EntityField[],
	before: Attributes,
	fields: Fields,
	moved: string[]
): Attributes {
	if (custom.length === 0) return before;
	const attributes: Record<string, string> = { ...before };
	for (const field of custom) {
		const value = fields[field.name];
		if (value === undefined) continue;
		const text = value === null ? null : String(columnValue(field, value));
		if (text === (before[field.name] ?? null)) continue;
		moved.push(field.name);
		if (text === null) delete attributes[field.name];
		else attributes[field.name] = text;
	}
	return attributes;
}
