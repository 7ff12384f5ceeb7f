import { sql, type SQL } from 'drizzle-orm';
import { columnOf, type Entity } from '#src/entities/entity.ts';
import type { Scope } from '#src/sync/scope.ts';

/** Condition on a row of our records under this alias: it is in the scope. The same as `inScope` says of its fields. */
export function internalInScope(entity: Entity, alias: string, scope: Scope | undefined): SQL {
	return allHold(scope, (name) => {
		const field = entity.fields.find((each) => each.name === name);
		return field && !field.attribute
			? sql`${sql.raw(alias)}.${sql.identifier(columnOf(field))}::text`
			: sql`(to_jsonb(${sql.raw(alias)}) -> 'attributes' ->> ${name}::text)`;
	});
}

/** Condition on a row of c_channel_record, or of anything with synced values in `fields`, under this alias: it is in the scope. */
export function fieldsInScope(alias: string, scope: Scope | undefined): SQL {
	return allHold(scope, (name) => sql`${sql.raw(alias)}.fields ->> ${name}::text`);
}

function allHold(scope: Scope | undefined, valueOf: (field: string) => SQL): SQL {
	if (!scope || scope.length === 0) return sql`true`;
	const conditions = scope.map(
		({ field, type, operator, value }) =>
			sql`cm_holds(${operator}::text, ${type}::text, ${valueOf(field)}, ${value}::text)`
	);
	return sql`(${sql.join(conditions, sql` and `)})`;
}
