import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { canonical, type Value } from '#src/sync/fields.ts';

/** Every table's rows in the order of the primary key. */
export type Dump = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

const tablesAtOnce = 40;

/** Planned once a connection: the plan takes longer than the answer. What is sent as simple text is planned each time. */
const planned = { prepare: true, simple: false };

/** A whole dump, and the transaction (SQL) after which a row was written that is not in it. */
type KnownDump = { since: string; dump: Dump };

type Column = { table: string; column: string; type: string };

/**
 * Prepares a dump of all tables of the schema public but those that triggers and lists keep for themselves: SQL names; ids and other bigints, decimals as text exactly as
 * PostgreSQL prints them, times as ISO text with microseconds, everything else as JSON. With `known`, only tables are read
 * that were written since.
 */
export async function prepareDump(db: Db, known?: KnownDump): Promise<() => Promise<Dump>> {
	const columns = await db.execute<Column>(sql`
		select c.relname as table, a.attname as column, format_type(a.atttypid, null) as type
		from pg_class c join pg_attribute a on a.attrelid = c.oid
		where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
			and c.relname not in ('sync_unlinked_internal', 'sync_unlinked_external', 'sync_outside_internal', 'sync_outside_external',
				'sync_entity', 'sync_reference', 'sync_deleted_record', 'sync_conflict_count', 'sync_suggestion_count', 'c_orderline')
		order by c.relname, a.attnum`);
	const keys = await db.execute<Omit<Column, 'type'>>(sql`
		select c.relname as table, a.attname as column from pg_index i
		join pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
		cross join unnest(i.indkey) with ordinality as k(attnum, place)
		join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
		where i.indisprimary order by c.relname, k.place`);
	const tables = [...new Set(columns.map(({ table }) => table))];
	const dumps = tables.map((table) => {
		const own = columns.filter((each) => each.table === table);
		const values = own.map((each) => `'${each.column}', ${valueOf(each)}`).join(', ');
		const order = keys.filter((each) => each.table === table).map(({ column }) => orderOf(column, own));
		const rows = `(select coalesce(jsonb_agg(jsonb_build_object(${values}) order by ${order.join(', ')}), '[]') from "${table}")`;
		return `'${table}', ${known ? `case when ${isWritten(table, known)} then ${rows} end` : rows}`;
	});
	// A function takes at most 100 arguments: two a table.
	const parts = Array.from({ length: Math.ceil(dumps.length / tablesAtOnce) }, (_, at) =>
		dumps.slice(at * tablesAtOnce, (at + 1) * tablesAtOnce)
	);
	const query = `select ${parts.map((part) => `jsonb_build_object(${part.join(',\n')})`).join(' || ')} as dump`;
	return async () => {
		const [row] = await db.$client.unsafe<{ dump: Record<string, Dump[string] | null> }[]>(query, [], planned);
		if (!row) throw new Error('the dump returned no row');
		const { c_order: orders, ...read } = row.dump;
		const written = Object.entries(read).filter(([, rows]) => rows !== null);
		return { ...known?.dump, ...Object.fromEntries(written), ...(orders && { c_order: orders.map(withPlainLines) }) };
	};
}

function isWritten(table: string, { since, dump }: KnownDump): string {
	const count = `(select count(*) from "${table}") <> ${dump[table]?.length ?? 0}`;
	return `(${count} or exists (select from "${table}" where xmin::text::bigint > (${since})))`;
}

/** PostgreSQL writes a list in its own way. */
function withPlainLines(row: Dump[string][number]): Dump[string][number] {
	return { ...row, lines: canonical('lines', (row['lines'] ?? null) as Value) };
}

function valueOf({ column, type }: Column): string {
	if (type === 'timestamp with time zone') return `cm_iso("${column}")`;
	return type === 'bigint' || type === 'numeric' ? `"${column}"::text` : `"${column}"`;
}

function orderOf(column: string, columns: readonly Column[]): string {
	const isText = columns.find((each) => each.column === column)?.type === 'text';
	// The same order on every machine, whatever the database's locale.
	return isText ? `"${column}" collate "C"` : `"${column}"`;
}

/** The first place in which two dumps differ, in words; null where they are equal. */
export function firstDifference(one: Dump, other: Dump, names: readonly [string, string]): string | null {
	for (const table of [...new Set([...Object.keys(one), ...Object.keys(other)])].sort()) {
		const [left, right] = [one[table] ?? [], other[table] ?? []];
		for (let row = 0; row < Math.max(left.length, right.length); row++) {
			const [a, b] = [left[row], right[row]];
			if (a === undefined || b === undefined) {
				const [who, what] = a === undefined ? [names[1], b] : [names[0], a];
				return `${table} row ${row}: only ${who} has ${stable(what)}`;
			}
			for (const column of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
				if (alike(a[column], b[column])) continue;
				return `${table} row ${row} column ${column}: ${names[0]} ${stable(a[column])}, ${names[1]} ${stable(b[column])}\n  ${names[0]} ${stable(a)}\n  ${names[1]} ${stable(b)}`;
			}
		}
	}
	return null;
}

/** An id may be text on one side and a number on the other. */
function alike(a: unknown, b: unknown): boolean {
	return stable(a) === stable(b) || (typeof a === 'number' && typeof b === 'string' && String(a) === b);
}

/** JSON with keys in order; maps as objects, sets as arrays, bigints as text, undefined told apart from null. */
export function stable(value: unknown): string {
	if (value === undefined) return 'undefined';
	if (typeof value === 'bigint') return `"${value}"`;
	if (value === null || typeof value !== 'object') return JSON.stringify(value);
	if (value instanceof Map) return stable(Object.fromEntries(value));
	if (value instanceof Set) return stable([...value]);
	if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`;
	const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${stable(each)}`).join(',')}}`;
}
