import type { ErpRecord, ErpStore, ErpTable } from './erp-store.ts';

/** The two tables that each record of these points to, and by which it is called. */
const parts: Partial<Record<ErpTable, readonly { field: string; table: ErpTable }[]>> = {
	prices: [
		{ field: 'product_id', table: 'products' },
		{ field: 'price_list_id', table: 'pricelists' }
	],
	stock: [
		{ field: 'product_id', table: 'products' },
		{ field: 'warehouse_id', table: 'warehouses' }
	]
};

/** Whether records of this table have a code and a name of their own. */
export function isNamed(table: ErpTable): boolean {
	return parts[table] === undefined;
}

/** What a record is called: one without a code and a name of its own by what it points to. */
export function titleOf(
	store: Pick<ErpStore, 'get'>,
	table: ErpTable,
	{ values }: Pick<ErpRecord, 'values'>
): { code: string; name: string } {
	const pointed = parts[table]?.map(({ field, table: to }) => {
		const id = String(values[field] ?? '');
		return { id, record: store.get(to, id) };
	});
	if (!pointed) return { code: String(values['sku'] ?? values['code'] ?? ''), name: String(values['name'] ?? '') };
	const codes = pointed.map(({ id, record }) => String(record?.values['sku'] ?? record?.values['code'] ?? `#${id}`));
	const code = codes.join(' @ ');
	return { code, name: String(pointed[0]?.record?.values['name'] ?? code) };
}
