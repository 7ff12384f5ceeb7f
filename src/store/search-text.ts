import { sql, type SQL } from 'drizzle-orm';

const wordsAtMost = 6;
const trigramLength = 3;

/**
 * Condition that finds records of ours by code and name, through the trigram index: every word somewhere in the two; a
 * single word of one or two letters as the beginning of the code. `true` for an empty search.
 */
export function recordSearch(alias: string, q: string | null | undefined): SQL {
	return foundIn(recordText(alias), q);
}

/** What `recordSearch` looks through: code and name of a record, in lower case. */
export function recordText(alias: string): SQL {
	return sql.raw(`lower(${alias}.value || ' ' || ${alias}.name)`);
}

/** The same condition on such a text that is worked out already: working it out takes longer than looking through it. */
export function foundIn(text: SQL, q: string | null | undefined): SQL {
	return condition(text, searchWords(q));
}

/** The same for what scans saw of a channel; `alias` is c_channel_record. A word also finds the whole external id. */
export function externalSearch(alias: string, q: string | null | undefined): SQL {
	const words = searchWords(q);
	return condition(sql.raw(`cm_external_text(${alias}.external_id, ${alias}.fields)`), words);
}

/** The words of a search, lower case; none for an empty one. */
export function searchWords(q: string | null | undefined): string[] {
	return (q ?? '').replaceAll('\0', '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, wordsAtMost);
}

function condition(text: SQL, words: readonly string[]): SQL {
	const [first] = words;
	if (first === undefined) return sql`true`;
	const long = words.filter((word) => word.length >= trigramLength);
	if (long.length === 0) return sql`${text} like ${`${escapeLike(words.join(' '))}%`}`;
	return sql.join(
		words.map((word) => sql`${text} like ${`%${escapeLike(word)}%`}`),
		sql` and `
	);
}

function escapeLike(text: string): string {
	return text.replace(/[\\%_]/g, '\\$&');
}
