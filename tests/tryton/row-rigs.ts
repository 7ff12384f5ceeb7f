import type { Fields } from '#src/sync/fields.ts';
import type { Rig } from '../conformance/exercise-connector.ts';
import { decimal, type TrytonClient } from './client.ts';
import { productRig, rigBase } from './rig.ts';
import type { TrytonDatabase } from './server.ts';

/** Edits templates, each with two variants. */
export function parentRig(database: TrytonDatabase): Rig {
	const { client } = database;
	const model = 'product.template';
	const written = ({ name, price }: Fields) => ({
		...(name !== undefined && { name }),
		...(price !== undefined && { list_price: price === null ? null : decimal(String(price)) })
	});
	return {
		...rigBase(database),
		async seed(records) {
			const unit = await client.one('product.uom', [['symbol', '=', 'u']], ['id']);
			const variants = (name: unknown) => ['A', 'B'].map((end) => ({ suffix_code: `${String(name)}-${end}` }));
			const values = records.map((fields) => ({
				type: 'goods',
				default_uom: unit['id'],
				...written({ price: '1', ...fields }),
				products: [['create', variants(fields['name'])]]
			}));
			const ids = await client.call<number[]>(`${model}.create`, values);
			return ids.map((id) => ({ id: String(id), variantId: '' }));
		},
		edit: (key, fields) => client.write(model, Number(key.id), written(fields)),
		remove: (key) => client.remove(model, Number(key.id))
	};
}

/** Edits categories of a Tryton database as its users would. */
export function categoryRig(database: TrytonDatabase): Rig {
	return rowRig(database, 'product.category', { name: 'name' });
}

/** Edits warehouses, each with a zone of its own. */
export function warehouseRig(database: TrytonDatabase): Rig {
	const { client } = database;
	return {
		...rowRig(database, 'stock.location', { value: 'code', name: 'name', is_active: 'active' }, async (count) => {
			const zones = Array.from({ length: count }, () => ({ name: 'Zone', type: 'storage' }));
			return (await client.call<number[]>('stock.location.create', zones)).map(ofZone);
		}),
		remove: (key) => removeWarehouse(client, Number(key.id))
	};
}

/** Edits price lists, without their lines. */
export function priceListRig(database: TrytonDatabase): Rig {
	return rowRig(database, 'product.price_list', { name: 'name', is_active: 'active' });
}

/** Edits prices of products, each new one in a list of its own; `value` is the code of the product. */
export function productPriceRig(database: TrytonDatabase): Rig {
	const { client } = database;
	const model = 'product.price_list.line';
	const products = productRig(database);
	const listId = () => client.create('product.price_list', { name: 'Retail' });
	return {
		...rigBase(database),
		async seed(records) {
			const keys = await products.seed(records.map(({ value = null }) => ({ value, name: 'Tent' })));
			const list = await listId();
			const lines = keys.map(({ variantId }, at) => ({
				price_list: list,
				product: Number(variantId),
				formula: String(records[at]?.['price'] ?? '1')
			}));
			const ids = await client.call<number[]>(`${model}.create`, lines);
			return ids.map((id) => ({ id: String(id), variantId: '' }));
		},
		async complete({ value = null, ...fields }) {
			const [product] = await products.seed([{ value, name: 'Tent' }]);
			return { ...fields, product: `${product?.id}/${product?.variantId}`, price_list: String(await listId()) };
		},
		edit: (key, fields) => client.write(model, Number(key.id), { formula: String(fields['price']) }),
		remove: (key) => client.remove(model, Number(key.id))
	};
}

/** What makes a location a warehouse: a zone of its own, for all it does. */
export async function warehouseColumns(client: TrytonClient): Promise<Record<string, unknown>> {
	return ofZone(await client.create('stock.location', { name: 'Zone', type: 'storage' }));
}

/** Deletes a warehouse, which must not have its zone any more by then, and as a warehouse cannot be without. */
export async function removeWarehouse(client: TrytonClient, id: number): Promise<void> {
	const none = { input_location: null, output_location: null, storage_location: null };
	await client.write('stock.location', id, { type: 'view', ...none });
	await client.remove('stock.location', id);
}

function ofZone(zone: number) {
	return { type: 'warehouse', input_location: zone, output_location: zone, storage_location: zone };
}

function rowRig(
	database: TrytonDatabase,
	model: string,
	columns: Readonly<Record<string, string>>,
	more: (count: number) => Promise<readonly Record<string, unknown>[]> = async () => []
): Rig {
	const { client } = database;
	const written = (fields: Fields) =>
		Object.fromEntries(
			Object.entries(columns).flatMap(([ours, theirs]) => (ours in fields ? [[theirs, fields[ours]]] : []))
		);
	return {
		...rigBase(database),
		async seed(records) {
			const own = await more(records.length);
			const values = records.map((fields, at) => ({ ...own[at], ...written(fields) }));
			const ids = await client.call<number[]>(`${model}.create`, values);
			return ids.map((id) => ({ id: String(id), variantId: '' }));
		},
		edit: (key, fields) => client.write(model, Number(key.id), written(fields)),
		remove: (key) => client.remove(model, Number(key.id))
	};
}
