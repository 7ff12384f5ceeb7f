import { uniqueFields, type ErpRecord, type ErpStore, type ErpTable, type ErpValues } from './erp-store.ts';
import { Refusal } from './refusal.ts';
import { blank } from './stored-values.ts';
import { isNamed } from './title-of.ts';

/** Adds a record. Throws Refusal when a required or unique value stands against it. */
export function createRecord(store: ErpStore, table: ErpTable, values: ErpValues, reference: string | null): ErpRecord {
	for (const field of [...uniqueFields[table], ...(isNamed(table) ? ['name'] : [])]) {
		if (values[field] === undefined) throw new Refusal(422, `${field}: A value is needed`);
	}
	refuseTaken(store, table, values);
	return store.insert(table, { ...blank[table], ...values }, reference);
}

/** Changes a record. Throws Refusal when a unique value is taken. */
export function changeRecord(
	store: ErpStore,
	table: ErpTable,
	record: ErpRecord,
	values: ErpValues,
	reference?: string | null
): ErpRecord {
	refuseTaken(store, table, values, record);
	return store.update(table, record, values, reference === undefined ? record.reference : reference);
}

function refuseTaken(store: ErpStore, table: ErpTable, values: ErpValues, record?: ErpRecord): void {
	const fields = uniqueFields[table];
	if (!fields.some((field) => typeof values[field] === 'string')) return;
	const holder = store.holderOf(table, { ...record?.values, ...values }, record?.id);
	if (holder) throw new Refusal(409, `Record ${holder.id} has this ${fields.join(' and ')} already`);
}
