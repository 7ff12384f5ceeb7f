import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type Page } from '@playwright/test';
import type { RestSettingsInput } from '#src/engine/connectors/rest/settings.ts';
import { postForm } from './own-records.ts';

type Item = { id: string } & Record<string, unknown>;

/** A small service over HTTP with articles and orders, which its test may change at will. */
export type OwnService = {
	url: string;
	articles: Map<string, Item>;
	orders: Map<string, Item>;
	/** Bodies of all writes, in their order. */
	writes: Record<string, unknown>[];
	end(): Promise<void>;
};

/** Starts it. `stored` says what it makes of the values that it is sent; its answers to writes say nothing. */
export async function startOwnService(stored = (values: Record<string, unknown>) => values): Promise<OwnService> {
	const [articles, orders] = [new Map<string, Item>(), new Map<string, Item>()];
	const writes: Record<string, unknown>[] = [];
	const answer = async (request: IncomingMessage, response: ServerResponse) => {
		const [, table, id] = new URL(request.url ?? '/', 'http://own').pathname.split('/');
		const kept = table === 'orders' ? orders : articles;
		const item = id === undefined ? undefined : kept.get(decodeURIComponent(id));
		if (id !== undefined && !item) return send(response, 404, { message: 'There is no such record' });
		if (request.method !== 'PATCH' || !item) return send(response, 200, item ?? [...kept.values()]);
		const values = JSON.parse(await textOf(request)) as Record<string, unknown>;
		writes.push(values);
		kept.set(item.id, { ...item, ...stored(values) });
		return response.writeHead(204).end();
	};
	const server = createServer((request, response) => void answer(request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const end = () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections());
	return { url, articles, orders, writes, end };
}

/** Adds a channel to it that carries these kinds of records, both ways live for the first; returns its id. */
export async function addOwnChannel(page: Page, at: { name: string; url: string; entities: readonly string[] }) {
	const description = Object.fromEntries(at.entities.map((entity) => [entity, described[entity]]));
	const created = await postForm(page, '/channels/new?/create', {
		type: 'rest',
		name: at.name,
		'setting.baseUrl': at.url,
		'setting.auth.kind': 'none',
		'setting.auth.name': '',
		'setting.description': JSON.stringify({ entities: description })
	});
	const [, id = ''] = /\/channels\/(\d+)\//.exec(created.headers()['location'] ?? '') ?? [];
	expect(id).not.toBe('');
	for (const entity of at.entities) {
		const added = await postForm(page, `/channels/${id}/setup/records?/add`, { entity });
		expect(added.status()).toBe(303);
	}
	for (const direction of ['push', 'pull'])
		await postForm(page, `/channels/${id}/go-live/${at.entities[0]}/${direction}?/arm`, {});
	return id;
}

/** Ends all that its channel began. */
export async function removeOwnChannel(page: Page, id: string, name: string): Promise<void> {
	const removed = await postForm(page, `/channels/${id}/settings?/remove`, { typedName: name });
	expect(removed.status()).toBe(303);
}

const requests = (path: string) => ({
	list: { path },
	get: { path: `${path}/{id}` },
	update: { method: 'PATCH' as const, path: `${path}/{id}`, body: '{fields}' }
});
const text = (name: string, at: string, label: string) => ({ name, at, label, as: 'text' as const });
const money = (name: string, at: string, label: string) => ({ name, at, label, as: 'minor-units' as const });

const described: RestSettingsInput['entities'] = {
	product: {
		requests: requests('/articles'),
		paging: { kind: 'none' },
		items: '',
		fields: [text('value', 'sku', 'SKU'), text('name', 'title', 'Title')]
	},
	'sales-order': {
		requests: requests('/orders'),
		paging: { kind: 'none' },
		items: '',
		fields: [
			text('value', 'no', 'Number'),
			text('name', '/buyer/name', 'Buyer'),
			{ name: 'ordered_at', at: 'placed', label: 'Placed', as: 'moment', format: 'epoch-seconds' },
			{ ...text('status', 'state', 'State'), as: 'enum', values: { open: 'NEW', shipped: 'SENT' } },
			{
				name: 'lines',
				at: 'positions',
				label: 'Positions',
				as: 'lines',
				minorUnits: 2,
				product: '/article/id',
				text: 'title',
				quantity: 'pieces',
				price: 'each'
			},
			money('shipping', 'postage', 'Postage'),
			money('total', 'sum', 'Sum'),
			text('currency', 'currency', 'Currency')
		]
	}
};

function send(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
	let text = '';
	for await (const chunk of request) text += String(chunk);
	return text;
}
