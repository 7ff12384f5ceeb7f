import { entities } from '#src/entities/registry.ts';
import { replayJournal, type ReplayedEntry, type ReplayedLink } from '../simulation/replay-journal.ts';
import { stable, type Dump } from './dump.ts';

/** Where the link tables of a dump are not what its journal tells, in words; null where they are. */
export function untold(dump: Dump): string | null {
	const told = replayJournal((dump['sync_decision'] ?? []).map(entryOf));
	for (const { name, mapNames } of entities) {
		for (const row of dump[mapNames.table] ?? []) {
			const key = `${name} ${String(row['id'])}`;
			const replayed = told.get(key);
			told.delete(key);
			if (!replayed) return `the journal knows nothing of ${key}`;
			const there = linkOf(row, mapNames, replayed);
			if (stable(there) !== stable(replayed))
				return `${key}\n  journal ${stable(replayed)}\n  table   ${stable(there)}`;
		}
	}
	const [more] = told.keys();
	return more === undefined ? null : `only the journal knows of ${more}`;
}

type Row = Dump[string][number];

function entryOf(row: Row): ReplayedEntry {
	return {
		id: String(row['id']),
		action: String(row['action']),
		entity: String(row['entity']),
		channelId: row['c_channel_id'] as string,
		linkId: row['link_id'] as string,
		internalId: row['internal_id'] as string,
		externalId: row['external_id'] as string,
		variantId: row['external_variant_id'] as string,
		linkState: row['link_state'] as ReplayedEntry['linkState']
	};
}

/** A row of a link table with the columns that were replayed. */
function linkOf(row: Row, names: { internalColumn: string; externalColumn: string }, { state }: ReplayedLink) {
	return {
		channelId: row['c_channel_id'],
		internalId: row[names.internalColumn],
		externalId: row[names.externalColumn],
		variantId: row['external_variant_id'],
		state: Object.fromEntries(Object.keys(state).map((column) => [column, row[column]]))
	};
}
