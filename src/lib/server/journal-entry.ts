import type { JournalChange, JournalEntry } from '#src/lib/components/field-info.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { Decision } from '#src/mappings/list-decisions.ts';
import { referencesShown, type NameOf, type PageOf } from '#src/mappings/reference-names.ts';

type Shown = { nameOf: NameOf; pageOf: PageOf };

/**
 * Entries of the journal as the timeline shows them: what references point to by name, with its page; each leads to its
 * link where that still exists.
 */
export async function journalEntries(
	db: App.Locals['db'],
	entity: string,
	rows: readonly Decision[]
): Promise<JournalEntry[]> {
	const values = rows.flatMap(({ channelId, changes }) =>
		changes.flatMap(({ field, side, before, after, lost }) =>
			[before, after, lost].map((value) => ({ entity, field, side, channelId, value }))
		)
	);
	const shown = await referencesShown(db, values);
	return rows.map(({ id, at, actor, action, runId, linkId, linkExists, channelId, channelName, changes }) => ({
		id,
		at,
		actor,
		action,
		runId,
		href: linkId !== null && linkExists ? `/links/${entity}/${linkId}` : null,
		channel: channelName ?? m.journal_channel_unknown(),
		changes: changes.map((change) => changeShown(shown, { entity, channelId }, change))
	}));
}

function changeShown(
	{ nameOf, pageOf }: Shown,
	{ entity, channelId }: { entity: string; channelId: string | null },
	change: Decision['changes'][number]
): JournalChange {
	const { field, side, before, after, lost } = change;
	const at = { entity, field, side, channelId };
	return {
		...change,
		before: nameOf({ ...at, value: before }),
		after: nameOf({ ...at, value: after }),
		...(lost === undefined ? {} : { lost: nameOf({ ...at, value: lost }) }),
		pages: {
			before: pageOf({ ...at, value: before }),
			after: pageOf({ ...at, value: after }),
			lost: pageOf({ ...at, value: lost })
		}
	};
}
