import type { RestSettingsInput } from '#src/engine/connectors/rest/settings.ts';

/** When every record of the seeded channel was last changed. */
export const seededStamp = '2026-01-01T00:00:00.000000Z';

/** Settings of the `rest` connector for the channel of the seeded links: products with four fields, true precondition. */
export function seededSettings(baseUrl: string): RestSettingsInput {
	return {
		baseUrl,
		auth: { kind: 'none' },
		clockHeader: 'x-server-time',
		entities: {
			product: {
				requests: {
					list: { path: '/products', query: { limit: '{limit}', after: '{after}' } },
					get: { path: '/products/{id}' },
					batchGet: { query: { ids: '{ids}' } },
					changes: { query: { updated_since: '{since}' } },
					update: { path: '/products/{id}', headers: { 'if-match': '{version}' } }
				},
				paging: { kind: 'cursor', next: 'next' },
				stamp: { at: 'updated_at', resolution: 'microsecond' },
				version: { from: 'etag-header', at: 'etag' },
				overlapMs: 2000,
				fields: [
					{ name: 'value', at: 'sku', label: 'SKU', as: 'text' },
					{ name: 'name', at: 'name', label: 'Name', as: 'text' },
					{ name: 'price', at: 'price', label: 'Price', as: 'decimal-text', scale: 4 },
					{ name: 'is_active', at: 'active', label: 'Active', as: 'boolean' }
				]
			}
		}
	};
}
