import { sql, type SQL } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import type { CustomField } from '#src/entities/custom-fields.ts';
import type { Entity } from '#src/entities/entity.ts';
import { asKept, type SourceDescriptor } from '#src/entities/record-source.ts';
import { entities, entityNamed } from '#src/entities/registry.ts';

const asJson = sql`jsonb_build_object('name', f.name, 'label', f.label, 'type', f.type, 'maxLength', f.max_length, 'scale', f.scale)`;

/** The custom fields of an entity (SQL for its name) as a JSON list in their order, to be part of another query. */
export function customFieldsJson(entity: SQL): SQL {
	return sql`(select coalesce(jsonb_agg(${asJson} order by f.position, f.id), '[]') from sync_custom_field f
		where f.entity = ${entity} and f.removed_at is null)`;
}

/** Where the records of an entity (SQL for its name) are kept, to be part of another query; null where they are ours. */
export function sourceJson(entity: SQL): SQL {
	return sql`(select s.descriptor from sync_source s where s.entity = ${entity} and s.removed_at is null)`;
}

type Kept = { customFields: CustomField[]; source: SourceDescriptor | null };

/** The entity of that name as it is kept by now; undefined for an unknown one. */
export async function entityIn(db: Db | Transaction, name: string): Promise<Entity | undefined> {
	const entity = entityNamed(name);
	if (!entity) return undefined;
	const [row] = await executePlanned<Kept>(
		db,
		sql`select ${customFieldsJson(sql`${name}`)} as "customFields", ${sourceJson(sql`${name}`)} as source`
	);
	return row ? asKept(entity, row) : entity;
}

/** Every entity as it is kept by now. */
export async function entitiesIn(db: Db | Transaction): Promise<Entity[]> {
	const rows = await executePlanned<Kept & { entity: string }>(
		db,
		sql`select e.name as entity, ${customFieldsJson(sql`e.name`)} as "customFields", ${sourceJson(sql`e.name`)} as source from sync_entity e`
	);
	const kept = new Map(rows.map((row) => [row.entity, row]));
	return entities.map((entity) => asKept(entity, kept.get(entity.name) ?? { customFields: [], source: null }));
}
