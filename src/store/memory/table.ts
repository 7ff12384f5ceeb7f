import { uniqueViolation } from './database-error.ts';

type Write = {
	table: { restore(key: string, before: object | undefined): void };
	key: string;
	before: object | undefined;
};

/** What was there before each write of the transaction under way, and how deeply transactions are nested (0 = none). */
export type UndoLog = { writes: Write[]; depth: number };

/** Runs `work` as one transaction: what it wrote is taken back when it throws. May be nested, like a savepoint. */
export function atomically<T>(undo: UndoLog, work: () => T): T {
	const mark = undo.writes.length;
	undo.depth++;
	try {
		return work();
	} catch (error) {
		while (undo.writes.length > mark) {
			const write = undo.writes.pop();
			write?.table.restore(write.key, write.before);
		}
		throw error;
	} finally {
		if (--undo.depth === 0) undo.writes.length = 0;
	}
}

/** One key of several parts. No text of PostgreSQL holds the separator. */
export function compositeKey(first: string, ...rest: readonly string[]): string {
	let key = first;
	for (const part of rest) key += `\u0000${part}`;
	return key;
}

/** Keys that several tables have in common. */
export const keyOf = {
	channelEntity: (row: { channelId: string; entity: string }) => compositeKey(row.channelId, row.entity),
	internal: (row: { channelId: string; entity: string; internalId: string }) =>
		compositeKey(row.channelId, row.entity, row.internalId),
	external: (row: { channelId: string; entity: string; externalId: string; variantId: string }) =>
		compositeKey(row.channelId, row.entity, row.externalId, row.variantId)
};

/** Orders ids as numbers. */
export function compareIds(one: string, other: string): number {
	return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
}

/** Orders text by code points, as the collation C does. */
export function compareText(one: string, other: string): number {
	if (one === other) return 0;
	for (let at = 0; at < one.length && at < other.length; at++) {
		if (one.charCodeAt(at) !== other.charCodeAt(at)) return (one.codePointAt(at) ?? 0) - (other.codePointAt(at) ?? 0);
	}
	return one.length - other.length;
}

/** Rows in id order. */
export function inIdOrder<Row extends { id: string }>(rows: Iterable<Row>): Row[] {
	return [...rows].sort((one, other) => compareIds(one.id, other.id));
}

type Index<Row> = {
	keyOf: (row: Row) => string | null;
	add(group: string, key: string, row: Row): void;
	remove(group: string, key: string): void;
};

const none: readonly never[] = [];

/** Rows by primary key. A row is never changed in place: it is replaced, and a reference to it stays what was read. */
export class Table<Row extends object> {
	readonly name: string;
	readonly #keyOf: (row: Row) => string;
	readonly #undo: UndoLog;
	readonly #byId: boolean;
	readonly #indexes: Index<Row>[] = [];
	#rows = new Map<string, Row>();
	#highest = '';
	#outOfOrder = false;
	#lastId = 0;

	/** `byId`: the key is an id, and rows are walked in its order. */
	constructor(name: string, undo: UndoLog, keyOf: (row: Row) => string, byId: boolean) {
		this.name = name;
		this.#undo = undo;
		this.#keyOf = keyOf;
		this.#byId = byId;
	}

	/** The next value of the identity. Like a sequence's it is used up, whatever becomes of the transaction. */
	nextId(): string {
		return String(++this.#lastId);
	}

	get size(): number {
		return this.#rows.size;
	}

	get(key: string): Row | undefined {
		return this.#rows.get(key);
	}

	/** Every row: in id order where the key is an id, otherwise as they came. Do not insert while walking. */
	all(): IterableIterator<Row> {
		if (this.#outOfOrder) {
			this.#rows = new Map([...this.#rows].sort(([one], [other]) => compareIds(one, other)));
			this.#outOfOrder = false;
		}
		return this.#rows.values();
	}

	/** Adds a row. Throws the unique violation of the primary key or of an index. */
	insert(row: Row): Row {
		const key = this.#keyOf(row);
		if (this.#rows.has(key)) throw uniqueViolation(`${this.name}_pkey`);
		this.#put(key, undefined, row);
		this.#remember(key, undefined);
		return row;
	}

	/** Puts `after` in the place of `before`, which has the same key. */
	replace(before: Row, after: Row): Row {
		const key = this.#keyOf(before);
		this.#put(key, before, after);
		this.#remember(key, before);
		return after;
	}

	remove(row: Row): void {
		const key = this.#keyOf(row);
		this.#put(key, row, undefined);
		this.#remember(key, row);
	}

	/** Rows by a key of their own; rows whose key is null are not in it. In no order but that of their joining. */
	grouped(keyOf: (row: Row) => string | null): (group: string) => Iterable<Row> {
		const groups = new Map<string, Map<string, Row>>();
		this.#indexes.push({
			keyOf,
			add(group, key, row) {
				const rows = groups.get(group);
				if (rows) rows.set(key, row);
				else groups.set(group, new Map([[key, row]]));
			},
			remove(group, key) {
				const rows = groups.get(group);
				rows?.delete(key);
				if (rows?.size === 0) groups.delete(group);
			}
		});
		return (group) => groups.get(group)?.values() ?? none;
	}

	/** At most one row a key; rows whose key is null are not in it. */
	unique(constraint: string, keyOf: (row: Row) => string | null): (key: string) => Row | undefined {
		const rows = new Map<string, { key: string; row: Row }>();
		this.#indexes.push({
			keyOf,
			add(group, key, row) {
				const held = rows.get(group);
				if (held && held.key !== key) throw uniqueViolation(constraint);
				rows.set(group, { key, row });
			},
			remove(group) {
				rows.delete(group);
			}
		});
		return (key) => rows.get(key)?.row;
	}

	/** Undoes a write. Only the transaction calls it, last write first. */
	restore(key: string, before: object | undefined): void {
		this.#put(key, this.#rows.get(key), before as Row | undefined);
	}

	#remember(key: string, before: Row | undefined): void {
		if (this.#undo.depth > 0) this.#undo.writes.push({ table: this, key, before });
	}

	#put(key: string, before: Row | undefined, after: Row | undefined): void {
		for (let at = 0; at < this.#indexes.length; at++) {
			try {
				this.#move(at, key, before, after);
			} catch (violation) {
				while (at-- > 0) this.#move(at, key, after, before);
				throw violation;
			}
		}
		if (after === undefined) {
			this.#rows.delete(key);
			return;
		}
		if (before === undefined && this.#byId) {
			if (this.#highest !== '' && compareIds(key, this.#highest) < 0) this.#outOfOrder = true;
			else this.#highest = key;
		}
		this.#rows.set(key, after);
	}

	#move(at: number, key: string, before: Row | undefined, after: Row | undefined): void {
		const index = this.#indexes[at];
		if (!index) return;
		const from = before === undefined ? null : index.keyOf(before);
		const to = after === undefined ? null : index.keyOf(after);
		if (to !== null && after !== undefined) index.add(to, key, after);
		if (from !== null && from !== to) index.remove(from, key);
	}
}

/** A table whose key is an identity. */
export function tableById<Row extends { id: string | bigint }>(name: string, undo: UndoLog): Table<Row> {
	return new Table<Row>(name, undo, (row) => String(row.id), true);
}
