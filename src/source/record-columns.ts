import { getTableColumns } from 'drizzle-orm';
import { columnOf, type Entity } from '#src/entities/entity.ts';
import type { SourceDescriptor } from '#src/entities/record-source.ts';
import { quoteName, quoteText } from './quote.ts';

/** One column of a view in the place of a table of ours. */
export type ViewColumn = { name: string; type: string; expression: string };

/**
 * The columns that our table has, in their order, each worked out from a row of the other application's relation called
 * `alias`. `rev` can be left out, where the row is not one of the relation itself: it is 0 then.
 */
export function viewColumns(
	entity: Entity,
	source: SourceDescriptor,
	alias: string,
	{ rev = true }: { rev?: boolean } = {}
): ViewColumn[] {
	const byColumn = new Map(entity.fields.map((field) => [columnOf(field), field]));
	const host = (column: string) => `${alias}.${quoteName(column)}`;
	return Object.values(getTableColumns(entity.record)).map(({ name, getSQLType, ...column }) => {
		const type = getSQLType.call(column).replace(/\(.*\)/, '');
		const as = (expression: string) => ({ name, type, expression: `${expression}::${type}` });
		const given = source.fields[byColumn.get(name)?.name ?? ''];
		if (given) return as('column' in given ? host(given.column) : quoteText(String(given.constant)));
		switch (name) {
			case 'id':
				return as(host(source.key));
			case 'rev':
				return as(rev ? versionOf(source, alias) : '0');
			case 'is_active':
				return as('true');
			case 'attributes':
			case 'changed':
				return as(`'{}'`);
			case 'updated_at':
				return as(source.updatedAt === null ? 'NULL' : host(source.updatedAt));
			default:
				return as('NULL');
		}
	});
}

/** The columns as the list of a SELECT. */
export function selectList(columns: readonly ViewColumn[]): string {
	return columns.map(({ name, expression }) => `${expression} AS ${quoteName(name)}`).join(',\n\t');
}

/** The columns of the relation that fields are mapped to, each once. */
export function mappedColumns({ fields }: SourceDescriptor): string[] {
	return [...new Set(Object.values(fields).flatMap((field) => ('column' in field ? [field.column] : [])))];
}

/** Which rows of the relation, called `alias`, are records. */
export function inScope({ scope }: SourceDescriptor, alias: string): string {
	const conditions = scope.map(({ column, in: values }) => {
		const host = `${alias}.${quoteName(column)}`;
		const given = values.filter((value) => value !== null).map((value) => quoteText(String(value)));
		const parts = [
			...(given.length > 0 ? [`${host} IN (${given.join(', ')})`] : []),
			...(values.includes(null) ? [`${host} IS NULL`] : [])
		];
		return `(${parts.join(' OR ')})`;
	});
	return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}

/** A number that differs where the row moved. Of a content, the first 63 bits of its hash. */
function versionOf(source: SourceDescriptor, alias: string): string {
	const { version } = source;
	if (version.kind === 'rev') return `${alias}.${quoteName(version.column)}`;
	if (version.kind === 'xmin') return `${alias}.xmin::text`;
	const content = mappedColumns(source).map((column) => `${alias}.${quoteName(column)}::text`);
	const hash = `encode(substr(sha256(convert_to(jsonb_build_array(${content.join(', ')})::text, 'UTF8')), 1, 8), 'hex')`;
	return `(('x' || ${hash})::bit(64)::bigint & 9223372036854775807)`;
}
