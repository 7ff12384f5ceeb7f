import type { Db } from '#src/db/client.ts';
import type { Entity, InternalRecord } from '#src/entities/entity.ts';
import { entityIn } from '#src/store/custom-fields.ts';
import { isId } from './identifier.ts';

/** One record of ours with all its fields; null when there is none. `entity` is its name, or what `entityIn` gave for it. */
export async function readRecord(
	db: Db,
	input: { entity: string | Entity; id: string }
): Promise<InternalRecord | null> {
	const entity = typeof input.entity === 'string' ? await entityIn(db, input.entity) : input.entity;
	if (!entity || !isId(input.id)) return null;
	const [record] = await entity.store.read(db, [input.id]);
	return record ?? null;
}
