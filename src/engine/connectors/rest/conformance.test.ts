import { serve } from '@hono/node-server';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { erpSettings, shopSettings } from '#src/demo/channels.ts';
import { changeRecord } from '#src/demo/erp/change-record.ts';
import { createErp } from '#src/demo/erp/create-erp.ts';
import { createErpStore, type ErpValues } from '#src/demo/erp/erp-store.ts';
import type { ErpKind } from '#src/demo/erp/vocabulary.ts';
import type { Fields } from '#src/sync/fields.ts';
import { exerciseConnector, type Rig } from '../../../../tests/conformance/exercise-connector.ts';
import { rest } from './index.ts';

/** Our names -> the names in which the demo ERP stores, for both kinds. */
const storedNames: Readonly<Record<string, string>> = {
	value: 'sku',
	name: 'name',
	description: 'description',
	price: 'price',
	is_active: 'active'
};

async function startErp(kind: ErpKind): Promise<Rig> {
	// The channel's clock: it goes on by itself, and faster when a case says so.
	let aheadMs = 0;
	const nowMs = () => performance.timeOrigin + performance.now() + aheadMs;
	const store = createErpStore({ nowMs, wholeSeconds: kind === 'shop' });
	const app = createErp({ kind, store, nowMs, key: 's3cret-key' });
	const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
	if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
	const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const settings = kind === 'erp' ? erpSettings(baseUrl) : shopSettings(baseUrl);
	const product = settings.entities['product'];
	if (product) product.pageSize = 7;
	const stored = (fields: Fields): ErpValues =>
		Object.fromEntries(Object.entries(fields).map(([name, value]) => [storedNames[name] ?? name, value]));
	return {
		connector: rest,
		settings,
		credentials: { key: 's3cret-key' },
		wrongCredentials: { key: 'another-key' },
		async seed(records) {
			return records.map((fields) => ({
				id: store.insert(
					'products',
					{
						gtin: null,
						currency: 'EUR',
						weight: null,
						category_id: null,
						...(kind === 'erp' && { colour: null, material: null }),
						...stored(fields)
					},
					null
				).id,
				variantId: ''
			}));
		},
		async edit({ id }, fields) {
			changeRecord(store, 'products', store.get('products', id)!, stored(fields));
		},
		async remove({ id }) {
			store.remove('products', id);
		},
		async pass(ms) {
			aheadMs += ms;
		},
		async stop() {
			server.closeAllConnections();
			server.close();
		}
	};
}

const withoutField = (name: string) => (body: string) => {
	const json = JSON.parse(body) as { items?: Record<string, unknown>[] };
	for (const item of json.items ?? [json as Record<string, unknown>]) delete item[name];
	return JSON.stringify(json);
};

const product = {
	entity: 'product',
	fields: { code: 'value', name: 'name', text: 'description', price: 'price', active: 'is_active' },
	refused: { fields: { name: 'x'.repeat(61) }, words: /longer than 60 characters/ },
	unique: 'value',
	wire: 'http'
} as const;

exerciseConnector({
	...product,
	name: 'rest against the demo ERP',
	start: () => startErp('erp'),
	withoutField: withoutField('gtin'),
	skip: [
		{
			reason: 'its stamps have microseconds',
			tests: ['changes since a moment within the resolution of the stamp still brings the record']
		}
	]
});

exerciseConnector({
	...product,
	name: 'rest against the demo Shop',
	start: () => startErp('shop'),
	withoutField: withoutField('barcode'),
	skip: [
		{
			reason: 'the Shop has no precondition',
			tests: ['update under an outdated version is a conflict and writes nothing', 'every write moves the version']
		}
	]
});
