import type { DataFile } from './data-file.ts';

export const erpTables = [
	'products',
	'partners',
	'categories',
	'warehouses',
	'pricelists',
	'prices',
	'stock',
	'orders'
] as const;
export type ErpTable = (typeof erpTables)[number];

/** Stored values of a record. Prices and weights are decimal text, so that no digit is lost. */
export type ErpValues = Readonly<Record<string, string | boolean | null>>;

export type ErpRecord = {
	id: string;
	/** Order of creation; the key that listings page by. */
	seq: number;
	values: ErpValues;
	reference: string | null;
	/** ISO 8601 UTC with microseconds. */
	changedAt: string;
	/** Moves with every write of any record. */
	revision: number;
};

/** One line of the log that the ERP keeps about itself: writes, and reads of single records. */
export type LogEntry = { seq: number; at: string; method: string; path: string; id: string; by: string };

/** One write as the ERP itself made it, with the whole record before and after; what a check of lost edits reads. */
export type HistoryEntry = {
	seq: number;
	at: string;
	table: ErpTable;
	id: string;
	/** Who wrote, in the writer's own words. */
	by: string;
	reference: string | null;
	revision: number;
	before: ErpValues | null;
	/** Null for a deletion. */
	after: ErpValues | null;
};

type Saved = Partial<Record<ErpTable, ErpRecord[]>> & { log: LogEntry[]; counters: Counters };
type Counters = { seq: number; revision: number; log: number; id: number };

/** The fields that are unique together in each table. */
export const uniqueFields: Readonly<Record<ErpTable, readonly string[]>> = {
	products: ['sku'],
	partners: ['code'],
	categories: ['code'],
	warehouses: ['code'],
	pricelists: ['code'],
	prices: ['product_id', 'price_list_id'],
	stock: ['product_id', 'warehouse_id'],
	orders: ['code']
};

const logMax = 5000;

export type ErpStoreInput = {
	nowMs: () => number;
	file?: DataFile | undefined;
	wholeSeconds?: boolean;
	/** Keeps every write since the start, in memory. */
	keepHistory?: boolean;
	/** Whether two records may hold the same unique value. */
	allowDoubles?: boolean;
};

/** The ERP's data. Every change is on disk when `saved()` resolves. */
export type ErpStore = ReturnType<typeof createErpStore>;

/**
 * Holds the records of a demo ERP in memory and, where a file is given, on disk. `nowMs` is the ERP's own clock in
 * milliseconds with fractions; with `wholeSeconds` its stamps have no finer step.
 */
export function createErpStore(input: ErpStoreInput) {
	const { nowMs, file, wholeSeconds = false, keepHistory = false, allowDoubles = false } = input;
	const saved = file?.content as Saved | undefined;
	const tables = perTable((table) => new Map((saved?.[table] ?? []).map((record) => [record.id, record])));
	const log = createLog(saved?.log ?? []);
	const counters: Counters = saved?.counters ?? { seq: 0, revision: 0, log: 0, id: 1000 };
	const truncated = (stamp: string) => (wholeSeconds ? stamp.replace(/\.\d+Z$/, '.000000Z') : stamp);
	const history = createHistory(keepHistory, nowMs, counters);
	const stamp = () => truncated(isoMicroseconds(nowMs()));
	const put = (table: ErpTable, record: ErpRecord) => {
		tables[table].set(record.id, record);
		return record;
	};

	return {
		/** All records in order of creation. */
		all: (table: ErpTable): ErpRecord[] => [...tables[table].values()].sort((a, b) => a.seq - b.seq),
		get: (table: ErpTable, id: string): ErpRecord | undefined => tables[table].get(id),
		/** The other record that holds the same in all unique fields. */
		holderOf: (table: ErpTable, values: ErpValues, exceptId?: string): ErpRecord | undefined =>
			allowDoubles
				? undefined
				: [...tables[table].values()].find(
						(record) =>
							uniqueFields[table].every((field) => record.values[field] === values[field]) && record.id !== exceptId
					),
		insert(table: ErpTable, values: ErpValues, reference: string | null): ErpRecord {
			counters.id += 1;
			counters.seq += 1;
			counters.revision += 1;
			const { seq, revision } = counters;
			return put(table, { id: String(counters.id), seq, values, reference, changedAt: stamp(), revision });
		},
		/** Moves the stamp and the revision also when nothing changes, as most systems do. */
		update(table: ErpTable, record: ErpRecord, values: ErpValues, reference = record.reference): ErpRecord {
			counters.revision += 1;
			const { revision } = counters;
			const changed = { ...record, values: { ...record.values, ...values }, reference };
			return put(table, { ...changed, changedAt: stamp(), revision });
		},
		remove: (table: ErpTable, id: string): boolean => tables[table].delete(id),
		/** Replaces everything but the log. Records without a stamp get the present time. */
		replaceAll(content: Readonly<Record<ErpTable, readonly ImportedRecord[]>>): void {
			for (const table of erpTables) {
				tables[table].clear();
				for (const row of content[table])
					put(table, importedRecord(row, counters, truncated(row.changedAt ?? stamp())));
			}
		},
		/** Adds a line to the log. */
		note(entry: Omit<LogEntry, 'seq' | 'at'>): void {
			counters.log += 1;
			log.add({ seq: counters.log, at: stamp(), ...entry });
		},
		logSince: log.since,
		remember: history.add,
		historySince: history.since,
		/** Resolves when every change so far is on disk. */
		saved: async (): Promise<void> =>
			file?.save(() => ({
				...perTable((table) => [...tables[table].values()]),
				log: log.since(0),
				counters
			}))
	};
}

/** The same thing for each table. */
export function perTable<T>(make: (table: ErpTable) => T): Record<ErpTable, T> {
	return {
		products: make('products'),
		partners: make('partners'),
		categories: make('categories'),
		warehouses: make('warehouses'),
		pricelists: make('pricelists'),
		prices: make('prices'),
		stock: make('stock'),
		orders: make('orders')
	};
}

function importedRecord(row: ImportedRecord, counters: Counters, changedAt: string): ErpRecord {
	counters.seq += 1;
	counters.revision += 1;
	if (/^\d{1,15}$/.test(row.id)) counters.id = Math.max(counters.id, Number(row.id));
	return { ...row, seq: counters.seq, revision: counters.revision, changedAt };
}

function createLog(saved: LogEntry[]) {
	let entries = saved;
	return {
		add(entry: LogEntry): void {
			entries.push(entry);
			if (entries.length > logMax) entries = entries.slice(-logMax);
		},
		/** Entries after this number, oldest first. */
		since: (seq: number): LogEntry[] => entries.filter((entry) => entry.seq > seq)
	};
}

function createHistory(kept: boolean, nowMs: () => number, counters: Readonly<Counters>) {
	const entries: HistoryEntry[] = [];
	return {
		/** Adds a write, where a history is kept; `after` is null for a deletion. */
		add(table: ErpTable, by: string, before: ErpRecord | null, after: ErpRecord | null): void {
			const record = after ?? before;
			if (!kept || !record) return;
			const { id, reference } = record;
			const values = { before: before?.values ?? null, after: after?.values ?? null };
			const at = isoMicroseconds(nowMs());
			entries.push({ seq: entries.length + 1, at, table, id, by, reference, revision: counters.revision, ...values });
		},
		/** Writes after this number, oldest first. */
		since: (seq: number): HistoryEntry[] => entries.slice(Math.max(0, seq))
	};
}

export type ImportedRecord = Omit<ErpRecord, 'seq' | 'revision' | 'changedAt'> & { changedAt: string | null };

/** Milliseconds with fractions as ISO text with six digits. */
export function isoMicroseconds(ms: number): string {
	const micros = Math.round((ms - Math.floor(ms)) * 1000) % 1000;
	return new Date(Math.floor(ms)).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);
}
