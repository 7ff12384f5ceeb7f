import { externalsAtMost, sharingAtMost } from '../find-by-keys.ts';
import { compareText, compositeKey } from './table.ts';
import type { Tables } from './tables.ts';

/** `externalsWithKeys` in memory: the keys of the records. */
export function externalsWithKeys(
	tables: Tables,
	{ channelId, entity }: { channelId: string; entity: { name: string } },
	keys: ReadonlySet<string>
): ReadonlySet<string> {
	const found = [...tables.channelRecordsOf(channelId, entity.name)].filter(
		(row) => row.deletedAt === null && row.matchKeys.some((key) => keys.has(key))
	);
	const keyOf = (row: { externalId: string; variantId: string }) => compositeKey(row.externalId, row.variantId);
	if (found.length <= externalsAtMost) return new Set(found.map(keyOf));
	found.sort(
		(one, other) => compareText(one.externalId, other.externalId) || compareText(one.variantId, other.variantId)
	);
	return new Set(
		[...keys].flatMap((key) =>
			found
				.filter(({ matchKeys }) => matchKeys.includes(key))
				.slice(0, sharingAtMost)
				.map(keyOf)
		)
	);
}

/** Ids of the records of ours that have a code of these match keys, key by key. */
export function internalsWithKeys(
	tables: Tables,
	entity: { name: string; matchKeys: readonly string[] },
	keys: readonly string[]
): string[] {
	const { records } = tables.of(entity.name);
	return entity.matchKeys.flatMap((field) =>
		keys
			.filter((key) => key.startsWith(`${field}=`))
			.flatMap((key) => {
				const code = key.slice(field.length + 1);
				const ids: string[] = [];
				for (const { id, codes } of records.all()) if (codes[field] === code) ids.push(id);
				return ids.slice(0, sharingAtMost);
			})
	);
}
