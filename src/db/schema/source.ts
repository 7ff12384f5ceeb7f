import { jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** Entities whose records are rows of another application, as the plan for its tables wrote it down when it was run. */
export const recordSource = pgTable('sync_source', {
	entity: text('entity').primaryKey(),
	/** What it was planned from. */
	descriptor: jsonb('descriptor').$type<Record<string, unknown>>().notNull(),
	/** Of the descriptor and of the rules that the plan was made by. */
	fingerprint: text('fingerprint').notNull(),
	plannedAt: instant('planned_at').notNull(),
	/** Since when our own table is in its place again. */
	removedAt: instant('removed_at')
});
