import { markDirty } from './link-triggers.ts';
import type { Tables } from './tables.ts';

/** `markLinks` in memory. */
export function markLinks(tables: Tables, entity: string, channelId: string, which: 'waiting' | 'all'): number {
	const links = [...tables.of(entity).linksOfChannel(channelId)].filter(
		({ status, dirtySeq, cleanSeq }) =>
			which === 'all' || status === 'pending' || status === 'conflict' || dirtySeq > cleanSeq
	);
	markDirty(tables, entity, links, false);
	return links.length;
}
