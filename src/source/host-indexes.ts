import { columnOf, referencesOf, type Entity } from '#src/entities/entity.ts';
import type { SourceDescriptor } from '#src/entities/record-source.ts';
import { quoteName, quotePath } from './quote.ts';
import { viewColumns } from './record-columns.ts';

/** Indexes on the relation that stand for those of our table: the planner finds them through the view. */
export function hostIndexes(entity: Entity, source: SourceDescriptor): { name: string; sql: string }[] {
	const expressions = new Map(
		viewColumns(entity, source, '').map(({ name, expression }) => [name, expression.replace(/^\./, '')])
	);
	const of = (column: string) => `(${expressions.get(column) ?? ''})`;
	const index = (name: string, how: string) => {
		const full = `cm_${entity.recordTable}_${name}`;
		const on = quotePath(source.relation);
		return { name: full, sql: `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${quoteName(full)} ON ${on} ${how}` };
	};
	const mapped = (name: string) => {
		const given = source.fields[name];
		return given !== undefined && 'column' in given;
	};
	return [
		index('id', `(${of('id')})`),
		index('value', `(${of('value')})`),
		index('name', `(${of('name')}, ${of('id')})`),
		index('search', `USING gin ((lower(${of('value')} || ' ' || ${of('name')})) public.gin_trgm_ops)`),
		...entity.fields
			.filter(({ name, type }) => type === 'text' && entity.matchKeys.includes(name) && mapped(name))
			.map((field) => index(`${field.name}_code`, `((public.match_code(${of(columnOf(field))})))`)),
		...referencesOf(entity)
			.filter(({ field }) => mapped(field))
			.map(({ column }) => index(column, `(${of(column)})`))
	];
}
