import { withCustomFields, type CustomField } from './custom-fields.ts';
import type { Entity, EntityField } from './entity.ts';

/** Where a field of a record comes from: a column of the other application's relation, or a value that all records have. */
export type SourceField = { column: string; write: boolean } | { constant: string | boolean };

/** A record takes part where each of these columns has one of the values; null = it is empty. */
export type SourceCondition = { column: string; in: readonly (string | number | boolean | null)[] };

/** How another application's relation is the internal side of an entity. */
export type SourceDescriptor = {
	entity: string;
	/** Schema and name. */
	relation: { schema: string; name: string };
	/** The column that identifies a row: an integer. */
	key: string;
	fields: Readonly<Record<string, SourceField>>;
	scope: readonly SourceCondition[];
	/** What tells that a row moved: a column that moves with every change, the row's xmin, or what its mapped columns hold. */
	version: { kind: 'rev'; column: string } | { kind: 'xmin' } | { kind: 'content' };
	/** How we write: its columns, a function of the application's, or not at all. */
	write: { kind: 'columns' } | { kind: 'function'; schema: string; name: string } | { kind: 'none' };
	/** How we learn of changes: triggers on the relation tell at once, a daily sweep finds them. */
	changes: 'triggers' | 'sweep';
	/** The column that says when a row last changed, for people. */
	updatedAt: string | null;
};

/** Whether we may write a field of a source. */
export function isWritten({ fields, write }: SourceDescriptor, name: string): boolean {
	const field = fields[name];
	return write.kind !== 'none' && field !== undefined && 'column' in field && field.write;
}

/** The fields that are mapped, those that we do not write marked; custom fields have no place there. */
function withSource(entity: Entity, source: SourceDescriptor | null): Entity {
	if (!source) return entity;
	const fields = entity.fields.flatMap((field): EntityField[] => {
		if (!(field.name in source.fields)) return [];
		return [isWritten(source, field.name) ? field : { ...field, keptElsewhere: true }];
	});
	const { including: _none, ...store } = entity.store.over?.(fields) ?? entity.store;
	return {
		...entity,
		fields,
		matchKeys: entity.matchKeys.filter((key) => key in source.fields),
		store,
		source: {
			relation: `${source.relation.schema}.${source.relation.name}`,
			creates: fields.every(({ required, keptElsewhere }) => !required || !keptElsewhere),
			tells: source.changes === 'triggers',
			fingerprint: JSON.stringify(fields.map(({ name, keptElsewhere }) => [name, keptElsewhere === true]))
		}
	};
}

/** The entity as it is kept at the moment: in another application, or by us with the fields that administrators added. */
export function asKept(
	entity: Entity,
	kept: { customFields: readonly CustomField[]; source: SourceDescriptor | null }
): Entity {
	return withCustomFields(withSource(entity, kept.source), kept.customFields);
}
