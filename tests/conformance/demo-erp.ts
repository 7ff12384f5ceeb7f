import { serve } from '@hono/node-server';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { erpSettings, shopSettings } from '#src/demo/channels.ts';
import { changeRecord } from '#src/demo/erp/change-record.ts';
import { createErp } from '#src/demo/erp/create-erp.ts';
import { createErpStore, type ErpValues } from '#src/demo/erp/erp-store.ts';
import type { ErpKind } from '#src/demo/erp/vocabulary.ts';
import { rest } from '#src/engine/connectors/rest/index.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { Rig } from './exercise-connector.ts';

/** Our names -> the names in which the demo ERP stores, for both kinds. */
const storedNames: Readonly<Record<string, string>> = {
	value: 'sku',
	name: 'name',
	description: 'description',
	price: 'price',
	is_active: 'active'
};

/** A demo ERP or shop whose products are reached by the `rest` connector in pages of this size. Its clock goes on as `pass` says, too. */
export async function startDemoErp(kind: ErpKind, pageSize: number): Promise<Rig> {
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
	if (product) product.pageSize = pageSize;
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
