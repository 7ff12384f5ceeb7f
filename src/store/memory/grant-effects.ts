import type { Tables } from './tables.ts';

/** `grantEffects` in memory. */
export function grantEffects(
	tables: Tables,
	{ channelId, entity, kind, count }: { channelId: string; entity: string; kind: string; count: number }
): void {
	const hour = `${tables.now().slice(0, 13)}:00:00.000000Z`;
	const row = tables.ceiling(channelId, entity, kind, hour);
	if (row) tables.ceilings.replace(row, { ...row, granted: row.granted + count });
	else tables.ceilings.insert({ channelId, entity, kind, hour, used: 0, granted: count });
}
