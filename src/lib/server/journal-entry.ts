import type { JournalEntry } from '#src/lib/components/field-info.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { Decision } from '#src/mappings/list-decisions.ts';

/** An entry of the journal as the timeline shows it; leads to the link where that still exists. */
export function journalEntry(entity: string, row: Decision): JournalEntry {
	const { id, at, actor, action, runId, changes } = row;
	const href = row.linkId !== null && row.linkExists ? `/links/${entity}/${row.linkId}` : null;
	return { id, at, actor, action, runId, changes, href, channel: row.channelName ?? m.journal_channel_unknown() };
}
