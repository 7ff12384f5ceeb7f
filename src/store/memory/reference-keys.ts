import type { Entity } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import { keyText, translatedKey } from '#src/sync/match-references.ts';
import type { ReferenceLinks } from '#src/sync/reference.ts';
import { keyTargets } from '../reference-keys.ts';
import { findReferences } from './awaiting.ts';
import { compareIds } from './table.ts';
import type { Tables } from './tables.ts';

type At = { channelId: string; entity: Entity };
type Side = 'internal' | 'external';

/** `keysAtChannel` in memory. */
export function keysAtChannel(tables: Tables, at: At, records: readonly Fields[]): string[] {
	return translatedKeys(tables, at, 'internal', records).map(keyText);
}

/** `oursWithKeys` in memory. */
export function oursWithKeys(tables: Tables, at: At, records: readonly Fields[]): string[] {
	const { recordByKey } = tables.of(at.entity.name);
	const found = translatedKeys(tables, at, 'external', records).flatMap((ids) => recordByKey(keyText(ids))?.id ?? []);
	return found.sort(compareIds);
}

function translatedKeys(tables: Tables, at: At, side: Side, records: readonly Fields[]): string[][] {
	const links: Record<string, ReferenceLinks> = {};
	for (const { field, to, ids } of keyTargets(at.entity, records)) {
		const wanted = { internal: [], external: [], [side]: ids, to };
		const found = findReferences(tables, { channelId: at.channelId, wanted: [wanted] })[to];
		if (found) links[field] = found;
	}
	return records.flatMap((fields) => {
		const key = translatedKey(at.entity.keyFields ?? [], links, side, fields);
		return key === null ? [] : [key];
	});
}
