import type { AuditEntry, JournalEntry } from '../journal.ts';
import type { Person } from '../person.ts';
import { insertAuditEvent, insertDecision } from './journal-rows.ts';
import type { Tables } from './tables.ts';

/** `writeJournal` in memory. */
export function writeJournal(tables: Tables, { actor }: Person, entry: JournalEntry): void {
	const { inputs = {}, changes = [], ...about } = entry;
	insertDecision(tables, { ...about, actor: actor.name, inputs, changes: [...changes] });
}

/** `writeAudit` in memory. */
export function writeAudit(tables: Tables, { actor, via }: Person, entry: AuditEntry): void {
	insertAuditEvent(tables, { ...entry, detail: entry.detail ?? {}, actor: actor.name, via });
}
