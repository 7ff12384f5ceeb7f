import type { Entity } from '#src/entities/entity.ts';
import { byKey, isNamed, type TakeHintsResult } from '../take-hints.ts';
import { markDirty } from './link-triggers.ts';
import { compareText, inIdOrder } from './table.ts';
import type { Tables } from './tables.ts';

/** `takeHints` in memory. */
export function takeHints(
	tables: Tables,
	input: { channelId: string; entity: Entity; limit: number }
): TakeHintsResult {
	const { channelId, entity } = input;
	const taken = [...tables.hintsOf(channelId, entity.name)]
		.sort((one, other) => compareText(one.externalId, other.externalId) || compareText(one.variantId, other.variantId))
		.slice(0, input.limit);
	if (taken.length === 0) return { taken: 0, keys: [] };
	for (const row of taken) tables.hints.remove(row);
	const named = taken.map(({ externalId, variantId }) => ({ id: externalId, variantId }));
	const links = [...tables.of(entity.name).linksOfChannel(channelId)].filter((link) =>
		named.some((hint) => isNamed({ id: link.externalId, variantId: link.variantId }, hint))
	);
	markDirty(tables, entity.name, inIdOrder(links), true);
	const linked = links.map(({ externalId, variantId }) => ({ id: externalId, variantId }));
	const excluded = [...tables.exclusions.all()].filter(
		(row) => row.channelId === channelId && row.entity === entity.name && row.kind === 'record'
	);
	const free = named
		.filter((hint) => !linked.some((link) => isNamed(link, hint)))
		.filter((hint) => !excluded.some((row) => isNamed({ id: row.externalId ?? '', variantId: row.variantId }, hint)));
	return { taken: taken.length, keys: [...linked, ...free].sort(byKey) };
}
