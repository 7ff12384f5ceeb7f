import type { Entity } from '#src/entities/entity.ts';
import type { JournalEntry } from '#src/lib/components/field-info.ts';
import { journalEntries } from '#src/lib/server/journal-entry.ts';
import { standsStill } from '#src/mappings/give-back.ts';
import type { Decision } from '#src/mappings/list-decisions.ts';
import type { LinkDetail } from '#src/mappings/read-link.ts';

/** The journal of a link, each write marked that still stands and can be undone: of several to one field the newest. */
export async function withReturnable(
	{ db }: Pick<App.Locals, 'db'>,
	entity: Entity,
	link: LinkDetail | null,
	rows: readonly Decision[],
	mayResolve: boolean
): Promise<JournalEntry[]> {
	const entries = await journalEntries(db, entity.name, rows);
	const seen = new Set<string>();
	return entries.map((entry, index) => {
		const changes = entry.changes.map((change, place) => {
			const stored = rows[index]?.changes[place];
			if (!mayResolve || !stored || seen.has(change.field)) return change;
			seen.add(change.field);
			return { ...change, returnable: stands(entity, link, stored) };
		});
		return { ...entry, changes, href: null };
	});
}

function stands(entity: Entity, link: LinkDetail | null, change: Decision['changes'][number]): boolean {
	const field = entity.fields.find(({ name }) => name === change.field);
	return field !== undefined && link?.internal != null && standsStill(change, field, link, link.internal);
}
