import { z } from 'zod';
import {
	erpTables,
	perTable,
	type ErpRecord,
	type ErpStore,
	type ErpTable,
	type ErpValues,
	type ImportedRecord
} from './erp-store.ts';
import { shop } from './shop-vocabulary.ts';
import { blank, given, reference, stored } from './stored-values.ts';
import { isNamed, titleOf } from './title-of.ts';

/** How one kind of demo channel calls things on the wire. */
export type Vocabulary = {
	title: string;
	tables: readonly ErpTable[];
	/** A record as JSON. */
	show(table: ErpTable, record: ErpRecord, store: Pick<ErpStore, 'get'>): Record<string, unknown>;
	/** The body of a create or change, strictly: unknown names are refused. Output is in stored names. */
	body(table: ErpTable): z.ZodType<{ values: ErpValues; reference?: string | null | undefined }>;
	/** Whether single reads and list items carry an entity tag and If-Match is honoured. */
	hasTags: boolean;
	/** Whether a write answers with the record (otherwise: 204 for a change, the bare id for a create). */
	answersWrites: boolean;
	/** The name of the reference in query strings. */
	referenceName: string;
};

const erp: Vocabulary = {
	title: 'Nordhang ERP',
	tables: erpTables.filter((table) => table !== 'orders'),
	hasTags: true,
	answersWrites: true,
	referenceName: 'external_ref',
	show: (table, record, store) => ({
		id: record.id,
		...(isNamed(table) ? {} : titleOf(store, table, record)),
		...record.values,
		...(table === 'products' && { weight: record.values['weight'] === null ? null : Number(record.values['weight']) }),
		external_ref: record.reference,
		updated_at: record.changedAt,
		etag: tagOf(record)
	}),
	body: (table) =>
		stored[table]
			.partial()
			.extend({ external_ref: reference.optional() })
			.transform(({ external_ref, ...values }) => ({ values: given(values), reference: external_ref }))
};

export const vocabularies = { erp, shop } as const;
export type ErpKind = keyof typeof vocabularies;

/** The entity tag of a record's present state. */
export function tagOf(record: ErpRecord): string {
	return `"${record.id}.${record.revision}"`;
}

/** Whole content of an import, in the ERP's names for both kinds. Values are taken as they are, refusable ones too. */
export const importSchema = z
	.object(perTable(() => z.array(z.record(z.string(), z.unknown())).default([])))
	.transform((content) => perTable((table) => content[table].map((row) => imported(row, blank[table]))));

function imported(row: Record<string, unknown>, defaults: ErpValues): ImportedRecord {
	const { id, external_ref: ours, updated_at: changedAt, ...values } = row;
	return {
		id: String(id),
		reference: typeof ours === 'string' ? ours : null,
		changedAt: typeof changedAt === 'string' ? changedAt : null,
		values: {
			...defaults,
			...Object.fromEntries(
				Object.entries(values).map(([field, value]) => [
					field,
					typeof value === 'number' ? String(value) : (value as string | boolean | null)
				])
			)
		}
	};
}
