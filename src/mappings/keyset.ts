import { sql, type SQL } from 'drizzle-orm';

/** One page of a list. The cursors are opaque texts for `PageInput.cursor`; null = nothing there. */
export type Page<Row> = {
	rows: Row[];
	next: string | null;
	previous: string | null;
	/** The cursor was not one of this list: this is the first page, say so. */
	invalidCursor: boolean;
};

export type PageInput = {
	/** `next` or `previous` of another page of the same list. */
	cursor?: string | null | undefined;
	/** Rows at most; 50 if not given, never more than 200. */
	limit?: number | undefined;
};

export type SortColumn = { column: SQL; type: 'bigint' | 'text' | 'int'; descending?: boolean };

/** What a row must carry for its place in the list: `cursorKey` of `Keyset`. */
export type Keyed = { cursorKey: string[] };

export type Keyset = {
	/** Condition, order and limit to put into the query. */
	where: SQL;
	orderBy: SQL;
	limit: SQL;
	/** The same place and direction for a column that holds what the first sort column does; rows of the place itself are in. */
	along: (column: SQL) => { where: SQL; orderBy: SQL };
	/** Rows of a full page; a query that gives more has filled it. */
	size: number;
	/** Select this as "cursorKey". */
	key: SQL;
	/** Turns the rows of the query into the page. */
	page<Row extends Keyed>(rows: readonly Row[]): Page<Omit<Row, 'cursorKey'>>;
};

type Place = { list: string; towards: 'next' | 'previous'; inclusive: boolean; key: string[] };

const limitDefault = 50;
const limitMost = 200;

/**
 * Pages a list by the values of its sort columns (no OFFSET, no count). `list` names list and order, so that a cursor of
 * another list is noticed. Two or more columns in different directions work for exactly two columns.
 */
export function keyset(list: string, sort: readonly SortColumn[], input: PageInput): Keyset {
	const place = readCursor(list, sort, input.cursor);
	const limit = Math.max(1, Math.min(limitMost, Math.trunc(input.limit ?? limitDefault) || limitDefault));
	const backwards = place?.towards === 'previous';
	const columns = sort.map((column) => ({ ...column, descending: (column.descending ?? false) !== backwards }));
	return {
		where: place ? beyond(columns, place) : sql`true`,
		orderBy: sql.join(
			columns.map(({ column, descending }) => (descending ? sql`${column} desc` : sql`${column}`)),
			sql`, `
		),
		limit: sql`${limit + 1}`,
		along: (column) => alongFirst(column, columns, place),
		size: limit,
		key: sql`jsonb_build_array(${sql.join(
			sort.map(({ column }) => sql`(${column})::text`),
			sql`, `
		)})`,
		page: (rows) => pageOf(rows, { list, limit, place, invalidCursor: Boolean(input.cursor) && place === null })
	};
}

function pageOf<Row extends Keyed>(
	found: readonly Row[],
	at: { list: string; limit: number; place: Place | null; invalidCursor: boolean }
): Page<Omit<Row, 'cursorKey'>> {
	const { list, limit, place } = at;
	const backwards = place?.towards === 'previous';
	const more = found.length > limit;
	const kept = backwards ? found.slice(0, limit).toReversed() : found.slice(0, limit);
	const cursor = (towards: Place['towards'], row: Row | undefined) =>
		row ? writeCursor({ list, towards, inclusive: false, key: row.cursorKey }) : null;
	const back = place && kept.length === 0 ? writeCursor({ ...place, towards: 'previous', inclusive: true }) : null;
	return {
		rows: kept.map(({ cursorKey: _, ...row }) => row),
		next: (backwards ? place !== null : more) ? cursor('next', kept.at(-1)) : null,
		previous: (backwards ? more : place !== null) ? (cursor('previous', kept[0]) ?? (backwards ? null : back)) : null,
		invalidCursor: at.invalidCursor
	};
}

function beyond(columns: readonly (SortColumn & { descending: boolean })[], { key, inclusive }: Place): SQL {
	const values = columns.map(({ type }, index) => sql`${key[index]}::text::${sql.raw(type)}`);
	const [first, second] = columns;
	if (!first) return sql`true`;
	if (columns.every(({ descending }) => descending === first.descending)) {
		const left = sql.join(
			columns.map(({ column }) => column),
			sql`, `
		);
		const sign = sql.raw(`${first.descending ? '<' : '>'}${inclusive ? '=' : ''}`);
		return sql`(${left}) ${sign} (${sql.join(values, sql`, `)})`;
	}
	if (!second || columns.length !== 2) throw new Error('keyset: mixed directions need exactly two columns');
	const sign = (descending: boolean) => sql.raw(descending ? '<' : '>');
	const tie = sql.raw(`${second.descending ? '<' : '>'}${inclusive ? '=' : ''}`);
	return sql`(${first.column} ${sql.raw(first.descending ? '<=' : '>=')} ${values[0]} and (${first.column} ${sign(first.descending)} ${values[0]} or ${second.column} ${tie} ${values[1]}))`;
}

function alongFirst(column: SQL, [first]: readonly SortColumn[], place: Place | null): { where: SQL; orderBy: SQL } {
	const sign = sql.raw(first?.descending ? '<=' : '>=');
	return {
		where: place && first ? sql`${column} ${sign} ${place.key[0]}::text::${sql.raw(first.type)}` : sql`true`,
		orderBy: first?.descending ? sql`${column} desc` : column
	};
}

function writeCursor({ list, towards, inclusive, key }: Place): string {
	return Buffer.from(JSON.stringify([list, towards === 'next' ? 1 : inclusive ? -2 : -1, ...key])).toString(
		'base64url'
	);
}

/** The cursor of the page of `list` that starts right after the place that these sort values name. */
export function cursorAfter(list: string, key: readonly string[]): string {
	return writeCursor({ list, towards: 'next', inclusive: false, key: [...key] });
}

function readCursor(list: string, sort: readonly SortColumn[], text: string | null | undefined): Place | null {
	if (!text) return null;
	let parts: unknown;
	try {
		parts = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
	} catch {
		return null;
	}
	if (!Array.isArray(parts) || parts.length !== sort.length + 2 || parts[0] !== list) return null;
	const [, towards, ...key] = parts as [unknown, unknown, ...unknown[]];
	const valid = sort.every(({ type }, index) => {
		const value = key[index];
		if (typeof value !== 'string' || value.length > 1000 || value.includes('\0')) return false;
		if (type === 'text') return true;
		return type === 'int' ? /^-?\d{1,9}$/.test(value) : /^-?\d{1,18}$/.test(value);
	});
	if (!valid || ![1, -1, -2].includes(towards as number)) return null;
	return { list, towards: towards === 1 ? 'next' : 'previous', inclusive: towards === -2, key: key as string[] };
}

/** A page with nothing on it: what an unknown entity or channel has. */
export function emptyPage<Row>(): Page<Row> {
	return { rows: [], next: null, previous: null, invalidCursor: false };
}
