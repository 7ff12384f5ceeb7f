import type { CallOptions, ExternalKey, ExternalRecord, FieldCodec } from '../connector.ts';
import { canonical, type Fields, type Value } from '#src/sync/fields.ts';
import type { Rpc } from './rpc.ts';
import type { ChangeEntry } from './change-scan.ts';
import { type Domain, stampOf, type WireDateTime } from './wire.ts';

export { normalForms, readable } from '../readable.ts';

/** One row of Tryton that a record is made of. */
export type Part = {
	id: number;
	/** "model,id", as Tryton names rows. */
	ref: string;
	/** The row's tag for the precondition. */
	timestamp: string | null;
	stamp: string | null;
};

/** A record with the rows behind it. */
export type TrytonRow = {
	/** Id of the row that lists go by: the variant, or the party. */
	id: number;
	record: ExternalRecord;
	/** All rows that hold one of the record's fields; the one that is written to is first. */
	parts: readonly [Part, ...Part[]];
	/** Who wrote the first part last. */
	writeUid: number | null;
};

/** One nested write: all of it happens, or nothing. */
export type WriteCommand = {
	model: string;
	/** A step that Tryton has for such a row, in place of a write of values. */
	method?: string;
	id: number;
	values: Record<string, unknown>;
	/** `ref` of the existing parts that this writes. */
	touched: readonly string[];
};

/** What differs between the entities; resource.ts does the rest. */
export type TrytonEntity<Row extends TrytonRow = TrytonRow> = {
	fields: readonly FieldCodec[];
	stampCovers: readonly string[];
	fingerprint: string;
	/** Model whose rows are listed and searched. */
	model: string;
	/** Those of its rows that are records. Absent = all. */
	only?: Domain;
	/** Whether a row is a record, where that cannot be searched for. A record that ceases to be one is gone. */
	isRecord?(row: Row): boolean;
	columns: readonly string[];
	/** Enough columns for `stamp`. */
	stampColumns: readonly string[];
	/** Id and stamp of a row read with `stampColumns`, the oldest stamp where it has none. Throws `invalid-reply`. */
	entry(raw: unknown): ChangeEntry;
	/** A row read with `columns`. Throws `invalid-reply`. */
	row(raw: unknown): Row;
	/** Row id that a key means, or null where it cannot be one of ours. */
	rowIdOf(key: ExternalKey): number | null;
	/** Records of which one row, of those without a say in the stamp too, changed at or after `since`. */
	changed(since: WireDateTime): Domain;
	/** Records whose stamp lies between these two, both included. */
	stampedBetween(first: WireDateTime, last: WireDateTime): Domain;
	/** Records with exactly this code, those first that count for uniqueness. */
	withCode(code: string): Domain;
	/** The record, other than `exceptId`, that stands in the way of this code. Absent = codes may be there twice. */
	takenBy?(code: string, exceptId: number): Domain;
	matching(pattern: string): Domain;
	/** Absent = Tryton has no place for the reference of such a record, so that none is created there. */
	creating?: {
		command(
			input: { reference: string; fields: Fields },
			rpc: Rpc,
			options?: CallOptions
		): Promise<{ model: string; values: Record<string, unknown>; createdRows: (id: number) => Domain }>;
		references: ReferencePlace<Row>;
	};
	update(row: Row, fields: Fields, rpc: Rpc, options?: CallOptions): Promise<WriteCommand>;
	/** Whether what has to be done for such a write depends on what is written beside it. Absent = never. */
	alone?(fields: Fields): boolean;
};

/** Where records of an entity carry a reference. */
export type ReferencePlace<Row> = {
	/** Records with one of these references, copies included: their `reference` tells them apart. */
	carriers(references: readonly string[]): Domain;
	/** Sealing writes the record itself, so that it has another version afterwards. */
	inRecord?: true;
	/** Ties the reference to its record, so that a copy does not carry it. */
	seal(row: Row, reference: string, rpc: Rpc, options?: CallOptions): Promise<void>;
};

type TaggedRow = { id: number; _timestamp: string | null } & Parameters<typeof stampOf>[0];

export function partOf(model: string, row: TaggedRow): Part {
	return { id: row.id, ref: `${model},${row.id}`, timestamp: row._timestamp, stamp: stampOf(row) };
}

/**
 * Version of a record, from the stamps of its parts: these have microseconds everywhere, while Tryton's own tags have
 * whole seconds on SQLite. A write reads the parts again and compares, then lets Tryton compare the tags. `more`: what the record
 * holds without a stamp of its own.
 */
export function versionOf(parts: readonly Part[], more: object = {}): string {
	return JSON.stringify({ ...Object.fromEntries(parts.map((part) => [part.ref, part.stamp])), ...more });
}

/** The tags of all parts as Tryton takes them in a call's context: it refuses a write to any that has another by then. */
export function timestampsOf(parts: readonly Part[]): Readonly<Record<string, string | null>> {
	return Object.fromEntries(parts.map((part) => [part.ref, part.timestamp]));
}

/** Normal form of a one-line field of Tryton, which refuses line breaks and tabs. */
export function oneLine(value: Value): Value {
	return value === null ? null : canonical('text', String(value).replace(/[\t\n\v\f\r]+/g, ' '));
}
