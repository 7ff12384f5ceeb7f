import type { Transaction } from '#src/db/client.ts';
import { referencesOf, type Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { Fields } from '#src/sync/fields.ts';
import { keyText, translatedKey } from '#src/sync/match-references.ts';
import type { ReferenceLinks } from '#src/sync/reference.ts';
import { findLinked } from './find-references.ts';

type At = { channelId: string; entity: Entity };
type Side = 'internal' | 'external';

/** How the channel's records that are these ones of ours would be kept: keys of those whose references are all linked. */
export async function keysAtChannel(tx: Transaction, at: At, records: readonly Fields[]): Promise<string[]> {
	return (await translatedKeys(tx, at, 'internal', records)).map(keyText);
}

/** Ids of our records that point to the same as these of the channel. */
export async function oursWithKeys(tx: Transaction, at: At, records: readonly Fields[]): Promise<string[]> {
	return at.entity.store.findByReferences(tx, await translatedKeys(tx, at, 'external', records));
}

async function translatedKeys(tx: Transaction, at: At, side: Side, records: readonly Fields[]): Promise<string[][]> {
	const links: Record<string, ReferenceLinks> = {};
	for (const { field, to, ids } of keyTargets(at.entity, records)) {
		const entity = entityNamed(to);
		const wanted = { internal: [], external: [], [side]: ids };
		if (entity) links[field] = await findLinked(tx, at.channelId, entity, wanted);
	}
	return records.flatMap((fields) => {
		const key = translatedKey(at.entity.keyFields ?? [], links, side, fields);
		return key === null ? [] : [key];
	});
}

/** The references of the key with the ids that these records have there. */
export function keyTargets(entity: Entity, records: readonly Fields[]): { field: string; to: string; ids: string[] }[] {
	return referencesOf(entity)
		.filter(({ field }) => entity.keyFields?.includes(field))
		.map(({ field, to }) => {
			const ids = records.map((fields) => fields[field] ?? null).filter((id) => id !== null);
			return { field, to, ids: [...new Set(ids.map(String))].sort() };
		});
}
