import type { Db } from '#src/db/client.ts';
import type { InternalRecord } from '#src/entities/entity.ts';
import { entityIn } from '#src/store/custom-fields.ts';
import { isId } from './identifier.ts';

/** One record of ours with all its fields; null when there is none. */
export async function readRecord(db: Db, input: { entity: string; id: string }): Promise<InternalRecord | null> {
	const entity = await entityIn(db, input.entity);
	if (!entity || !isId(input.id)) return null;
	const [record] = await entity.store.read(db, [input.id]);
	return record ?? null;
}
