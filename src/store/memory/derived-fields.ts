import { referencesOf, type Entity } from '#src/entities/entity.ts';
import { entities } from '#src/entities/registry.ts';
import { lessDecimals, type Fields, type Value } from '#src/sync/fields.ts';
import { columnValue } from './column-value.ts';
import { inIdOrder } from './table.ts';
import type { RecordRow, Tables } from './tables.ts';

const none: Fields = {};
const named = entities.filter(({ keyFields }) => keyFields);
/** Others are written all the time. */
const deriving = new Set(
	entities.filter(({ fields }) => fields.some(({ derived, orElse }) => derived || orElse)).map(({ name }) => name)
);

/** What a writer names, without what the database works out itself. */
export function withoutDerived(entity: Entity, fields: Fields): Fields {
	if (!deriving.has(entity.name)) return fields;
	const derived = new Set(entity.fields.filter((field) => field.derived).map(({ name }) => name));
	return Object.fromEntries(Object.entries(fields).filter(([name]) => !derived.has(name)));
}

/** What the triggers `cm_derive_code`, `cm_derive_available` and `cm_derive_order` make of a row's other values. */
export function derivedFields(tables: Tables, entity: Entity, fields: Fields): Fields {
	if (!deriving.has(entity.name)) return none;
	const derived: Record<string, Value> = {};
	for (const field of entity.fields) {
		if (field.orElse && (fields[field.name] ?? '') === '') derived[field.name] = fields[field.orElse] ?? null;
		if (typeof field.derived !== 'object') continue;
		const { from, less } = field.derived;
		const [start, ...others] = [from, ...less].map((name) => fields[name] ?? null);
		if (typeof start === 'string') derived[field.name] = columnValue(field, lessDecimals(start, others.map(String)));
	}
	if (entity.keyFields) Object.assign(derived, codeAndName(tables, entity, fields));
	return derived;
}

function codeAndName(tables: Tables, entity: Entity, fields: Fields): Fields {
	const parents = referencesOf(entity)
		.filter(({ field }) => entity.keyFields?.includes(field))
		.map(({ field, to }) => {
			const id = fields[field] ?? null;
			return { id, record: id === null ? undefined : tables.of(to).records.get(String(id))?.record };
		});
	const codes = parents.map(({ id, record }) => record?.fields['value'] ?? (id === null ? '?' : `#${String(id)}`));
	const value = codes.join(' @ ');
	return { value, name: parents[0]?.record?.fields['name'] ?? value };
}

/** The rows that have their code or name from this one: what `cm_rename_pointing` is about. */
export function namedAfter(tables: Tables, entityName: string, id: string): { entity: string; rows: RecordRow[] }[] {
	return named.flatMap((entity) => {
		const fields = referencesOf(entity).filter(
			({ field, to }) => to === entityName && entity.keyFields?.includes(field)
		);
		if (fields.length === 0) return [];
		const rows = [...tables.of(entity.name).records.all()].filter(({ record }) =>
			fields.some(({ field }) => record.fields[field] === id)
		);
		return rows.length === 0 ? [] : [{ entity: entity.name, rows: inIdOrder(rows) }];
	});
}
