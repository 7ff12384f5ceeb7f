import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { CustomField } from '#src/entities/custom-fields.ts';

/** A field that an administrator added, removed ones too. */
export type CustomFieldRow = CustomField & { entity: string; removed: boolean; createdBy: string; changedAt: string };

/** All custom fields, in the order of the screen. */
export async function listCustomFields(db: Db): Promise<CustomFieldRow[]> {
	const rows = await db.execute<CustomFieldRow>(sql`
		select entity, name, label, type, max_length as "maxLength", scale, removed_at is not null as removed, created_by as "createdBy",
			cm_iso(changed_at) as "changedAt"
		from sync_custom_field f order by f.entity, f.position, f.id`);
	return [...rows];
}
