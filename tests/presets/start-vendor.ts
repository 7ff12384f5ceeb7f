import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rest } from '#src/engine/connectors/rest/index.ts';
import { restPresets, type RestPreset } from '#src/engine/connectors/rest/presets.ts';
import { restSettings, type RestSettingsInput } from '#src/engine/connectors/rest/settings.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { Rig } from '../conformance/exercise-connector.ts';
import { createVendorStore, type VendorStore } from './vendor-store.ts';

/** A fake of one vendor's system, built from its public documentation. */
export type Vendor = {
	preset: RestPreset;
	app: Hono;
	/** What an administrator changes in the preset. */
	settings(origin: string): Partial<RestSettingsInput>;
	key: string;
	newId(): string;
	/** Our fields under the vendor's names, as they are stored. */
	stored(fields: Fields): Record<string, unknown>;
};

/** Runs it on a port of its own and gives hands to reach into it. */
export async function startVendor(make: (store: VendorStore) => Vendor): Promise<Rig & { store: VendorStore }> {
	const store = createVendorStore();
	const vendor = make(store);
	const server = serve({ fetch: vendor.app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
	if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const preset = restPresets.find(({ name }) => name === vendor.preset)?.settings;
	const settings = { ...structuredClone(preset), ...vendor.settings(origin) } as RestSettingsInput;
	for (const entity of Object.values(settings.entities)) entity.pageSize = 7;
	restSettings.parse(settings);
	return {
		store,
		connector: rest,
		settings,
		credentials: { key: vendor.key },
		wrongCredentials: { key: 'wr0ng-key' },
		async seed(records) {
			const stampMs = store.nowMs();
			const made = records.map((fields) => store.insert(vendor.newId(), vendor.stored(fields), stampMs));
			return made.map(({ id }) => ({ id, variantId: '' }));
		},
		async edit({ id }, fields) {
			const record = store.get(id);
			if (!record) throw new Error(`no record ${id}`);
			store.change(record, vendor.stored(fields));
		},
		remove: async ({ id }) => store.remove(id),
		pass: async (ms) => store.pass(ms),
		async stop() {
			server.closeAllConnections();
			server.close();
		}
	};
}

/** A decimal as the number that a JSON of the vendor holds, all digits kept. */
export function exactNumber(text: string): unknown {
	return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
}
