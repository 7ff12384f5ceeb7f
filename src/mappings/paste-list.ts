import { z } from 'zod';
import { pasteList as storeList } from '#src/store/pasted/paste-list.ts';
import { entityName, guarded, id, text } from './guarded.ts';

/** Entries of one pasted list. */
export const pastedEntriesAtMost = 5_000;
/** Bytes of what is pasted. */
export const pastedBytesAtMost = 200_000;
const entryLength = 500;

/** The distinct entries of a pasted text: one a line, or what a spreadsheet's cells are divided by. */
export function pastedEntries(pasted: string): string[] {
	const entries = pasted.split(/[\r\n\t;]+/).map((entry) => entry.trim());
	return [...new Set(entries)].filter((entry) => entry !== '');
}

/** Keeps a pasted list of codes or ids, to be looked at in the lists of one channel and entity. */
export const pasteList = guarded(
	'read',
	{
		channelId: id,
		entity: entityName,
		entries: z
			.array(text(entryLength))
			.min(1, 'paste at least one code or id')
			.max(pastedEntriesAtMost, `at most ${pastedEntriesAtMost} different ones`)
	},
	storeList
);
