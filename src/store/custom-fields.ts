import { sql, type SQL } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { withCustomFields, type CustomField } from '#src/entities/custom-fields.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entities, entityNamed } from '#src/entities/registry.ts';

const asJson = sql`jsonb_build_object('name', f.name, 'label', f.label, 'type', f.type, 'maxLength', f.max_length, 'scale', f.scale)`;

/** The custom fields of an entity (SQL for its name) as a JSON list in their order, to be part of another query. */
export function customFieldsJson(entity: SQL): SQL {
	return sql`(select coalesce(jsonb_agg(${asJson} order by f.position, f.id), '[]') from sync_custom_field f
		where f.entity = ${entity} and f.removed_at is null)`;
}

/** The entity of that name with the fields that administrators added to it by now; undefined for an unknown one. */
export async function entityIn(db: Db | Transaction, name: string): Promise<Entity | undefined> {
	const entity = entityNamed(name);
	if (!entity) return undefined;
	const [row] = await db.execute<{ fields: CustomField[] }>(sql`select ${customFieldsJson(sql`${name}`)} as fields`);
	return withCustomFields(entity, row?.fields ?? []);
}

/** Every entity with the fields that administrators added to it by now. */
export async function entitiesIn(db: Db | Transaction): Promise<Entity[]> {
	const rows = await db.execute<{ entity: string; fields: CustomField[] }>(sql`
		select f.entity, jsonb_agg(${asJson} order by f.position, f.id) as fields from sync_custom_field f where f.removed_at is null group by f.entity`);
	const custom = new Map(rows.map(({ entity, fields }) => [entity, fields]));
	return entities.map((entity) => withCustomFields(entity, custom.get(entity.name) ?? []));
}
