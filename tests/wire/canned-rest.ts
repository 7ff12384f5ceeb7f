import { erpSettings } from '#src/demo/channels.ts';
import type { HttpReply, HttpRequest } from '#src/engine/connectors/transport.ts';
import { rest } from '#src/engine/connectors/rest/index.ts';
import type { RestSettingsInput } from '#src/engine/connectors/rest/settings.ts';

type Answer = Partial<HttpReply> & { json?: unknown };

/** A session over canned answers, and the requests that it sent. */
export function over(
	answers: Answer[] | ((request: HttpRequest) => Answer),
	settings: RestSettingsInput = erpSettings('http://erp.test/api/')
) {
	const sent: HttpRequest[] = [];
	const session = rest.open({
		settings,
		credentials: { key: 'k3y' },
		async transport(request) {
			sent.push(request);
			const { json, ...reply } = (typeof answers === 'function' ? answers(request) : answers.shift()) ?? {};
			return { status: 200, headers: {}, text: json === undefined ? '' : JSON.stringify(json), ...reply };
		}
	});
	return { sent, product: session.resource('product')!, session };
}

/** A record as the demo ERP shows it. */
export const item = (id: string | number, more: object = {}) => ({
	id,
	sku: `S${id}`,
	name: 'Tent',
	description: null,
	gtin: null,
	category_id: null,
	price: '1.00',
	currency: 'EUR',
	weight: 1.5,
	active: true,
	external_ref: null,
	updated_at: '2026-11-28T15:00:00.123456Z',
	etag: `"${id}.1"`,
	...more
});
export const key = (id: string) => ({ id, variantId: '' });
