import type { HistoryEntry } from '#src/demo/erp/erp-store.ts';
import { startProcess, until } from './os-process.ts';

export type ErpProduct = {
	id: string;
	sku: string;
	name: string;
	description: string | null;
	price: string | null;
	external_ref: string | null;
};

export const erpKey = 'kill-erp-key';
const pageSize = 200;

export type ErpProcess = Awaited<ReturnType<typeof startErp>>;

/**
 * The demo ERP as a process of its own, never killed: it keeps every write with what it replaced, and does not mind two
 * records of one SKU, so that nothing but the engine prevents a double.
 */
export async function startErp() {
	const process = startProcess('src/demo/erp/main.ts', {
		ERP_KIND: 'erp',
		ERP_KEY: erpKey,
		ERP_HISTORY: '1',
		ERP_DOUBLES: '1'
	});
	const url = await until('the ERP listens', 60_000, async () => /http:\S+/.exec(process.output())?.[0]);
	async function call<Reply>(method: string, path: string, body?: object): Promise<Reply> {
		const reply = await fetch(`${url}${path}`, {
			method,
			headers: { authorization: `Bearer ${erpKey}`, 'content-type': 'application/json', 'x-author': 'person' },
			...(body && { body: JSON.stringify(body) })
		});
		if (!reply.ok) throw new Error(`ERP: ${method} ${path}: ${reply.status} ${await reply.text()}`);
		return (await reply.json()) as Reply;
	}
	return {
		url,
		importProducts: (products: readonly object[]) => call<unknown>('PUT', '/admin/import', { products }),
		create: (values: object) => call<ErpProduct>('POST', '/products', values),
		change: (id: string, values: object) => call<ErpProduct>('PATCH', `/products/${id}`, values),
		read: async (ids: readonly string[]) =>
			(await call<{ items: ErpProduct[] }>('GET', `/products?limit=${pageSize}&ids=${ids.join(',')}`)).items,
		/** Every record there is. */
		async readAll(): Promise<ErpProduct[]> {
			const all: ErpProduct[] = [];
			let after = '';
			for (;;) {
				const page = await call<{ items: ErpProduct[]; next: string | null }>(
					'GET',
					`/products?limit=${pageSize}${after}`
				);
				all.push(...page.items);
				if (page.next === null) return all;
				after = `&after=${encodeURIComponent(page.next)}`;
			}
		},
		/** The ERP's own list of writes after a number. */
		history: async (since: number) => (await call<{ items: HistoryEntry[] }>('GET', `/history?since=${since}`)).items,
		stop: () => process.kill()
	};
}
