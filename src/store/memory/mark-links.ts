import { markDirty } from './link-triggers.ts';
import type { Tables } from './tables.ts';

const undecided: readonly string[] = ['pending', 'awaiting', 'conflict'];

/** `markLinks` in memory. */
export function markLinks(tables: Tables, entity: string, channelId: string, which: 'waiting' | 'all'): number {
	const links = [...tables.of(entity).linksOfChannel(channelId)].filter(
		({ status, dirtySeq, cleanSeq }) => which === 'all' || undecided.includes(status) || dirtySeq > cleanSeq
	);
	markDirty(tables, entity, links, false);
	return links.length;
}
