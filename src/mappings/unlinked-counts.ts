import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { entityNamed } from '#src/entities/registry.ts';
import {
	freeExternalTable,
	freeInternalTable,
	freePastedExternal,
	freePastedInternal,
	isPastedExternal,
	isPastedInternal,
	type FreeWhere
} from '#src/store/pasted/pasted-records.ts';
import { isId } from './identifier.ts';
import { excludedExternal } from './list-unlinked-external.ts';
import { excludedInternal, freeAt } from './list-unlinked-internal.ts';

/** How many records wait on each side of one channel; each number stops at 10,000 unless it is asked for to the end. */
export type UnlinkedCounts = {
	internal: number;
	internalExcluded: number;
	/** Out of scope, and not excluded. */
	internalOutside: number;
	external: number;
	externalExcluded: number;
	externalOutside: number;
	suggestions: number;
};

/** Counts of rows that need a look stop here: show such a number as "10,000 or more". */
export const countAtMost = 10_000;

const none: UnlinkedCounts = {
	internal: 0,
	internalExcluded: 0,
	internalOutside: 0,
	external: 0,
	externalExcluded: 0,
	externalOutside: 0,
	suggestions: 0
};

/**
 * Records without a link at one channel, by side, and suggestions that wait. `exact`: counted to the end, for a preview.
 * `listId`: only records of that pasted list.
 */
export async function unlinkedCounts(
	db: Db,
	input: { channelId: string; entity: string; exact?: boolean; listId?: string | null }
): Promise<UnlinkedCounts> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.channelId)) return none;
	const limit = input.exact ? sql`` : sql`limit ${countAtMost}`;
	const count = (rows: SQL) => sql`(select count(*) from (${rows} ${limit}) n)::int`;
	const of = (table: SQL) => sql`select 1 from ${table} u where ${freeAt('u', entity, input.channelId)}`;
	const { channelId } = input;
	const listId = isId(input.listId) ? input.listId : null;
	const suggested = sql`(select coalesce(sum(s.suggestions), 0) from sync_suggestion_count s where ${freeAt('s', entity, input.channelId)})`;
	const suggestions = input.exact ? sql`${suggested}::int` : sql`least(${suggested}, ${countAtMost}::int)::int`;
	const all = sql`true`;
	const ours = (where: FreeWhere) =>
		listId === null ? of(freeInternalTable(where)) : freePastedInternal({ entity, channelId, listId, where }, all);
	const theirs = (where: FreeWhere) =>
		listId === null ? of(freeExternalTable(where)) : freePastedExternal({ entity, channelId, listId, where }, all);
	const [row] = await db.execute<UnlinkedCounts>(sql`
		select ${count(ours('in-scope'))} as internal, ${count(ours('out-of-scope'))} as "internalOutside",
			${count(theirs('in-scope'))} as external, ${count(theirs('out-of-scope'))} as "externalOutside",
			${count(excludedInternal(entity, channelId, listId === null ? all : isPastedInternal(listId)))} as "internalExcluded",
			${count(excludedExternal(entity, channelId, listId === null ? all : isPastedExternal(listId)))} as "externalExcluded",
			${suggestions} as suggestions`);
	return row ?? none;
}
