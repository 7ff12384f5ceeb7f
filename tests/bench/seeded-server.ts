import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { seededStamp } from '#src/demo/seeded-channel.ts';

/**
 * Process: the channel of the seeded links, RECORDS linked records and the free ones beside them, which follow from their
 * number, so that a million cost no memory; only what changed is kept. PUT /changed/N changes the records 1 to N as
 * somebody at the channel would.
 */
type Item = { id: string; sku: string; name: string; price: string; active: boolean; updated_at: string; etag: string };

const records = Number(process.env['RECORDS'] ?? '1000');
/** Every fiftieth number, from 7 on, has a record without a link. */
const free = Math.max(0, Math.floor((records - 7) / 50) + 1);
const kinds = ['Trail', 'Ridge', 'Fjord', 'Summit', 'Polar', 'Meadow', 'Storm', 'Harbour'];
const things = ['tent', 'stove', 'lamp', 'rope', 'pack', 'boot', 'mug', 'axe', 'jacket', 'mat', 'filter'];
const changed = new Map<number, Item>();
let writes = 0;

const server = createServer((request, response) => {
	void answer(request, response).catch((error: unknown) => {
		console.error(error);
		send(response, 500, { message: String(error) });
	});
});
server.listen(Number(process.env['PORT'] ?? '0'), '127.0.0.1', () => {
	const address = server.address();
	console.log(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : ''}`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const url = new URL(request.url ?? '/', 'http://127.0.0.1');
	const [, table, name] = url.pathname.split('/');
	if (request.method === 'PUT' && table === 'changed') return changeFirst(response, Number(name));
	if (table !== 'products') return send(response, 404, { message: 'There is nothing here' });
	if (name === undefined) return send(response, 200, listed(url.searchParams));
	const item = itemNamed(name);
	if (!item) return send(response, 404, { message: 'There is no such product' });
	if (request.method === 'GET') return send(response, 200, item, item.etag);
	if (request.headers['if-match'] !== item.etag) return send(response, 412, { message: 'It changed meanwhile' });
	const body = JSON.parse(await textOf(request)) as Partial<Item>;
	const next = change(Number(item.id.slice(1)), body);
	return send(response, 200, next, next.etag);
}

function changeFirst(response: ServerResponse, count: number): void {
	for (let n = 1; n <= count; n++) change(n, { name: `${original(n).name} ${writes + 1}` });
	send(response, 200, { changed: count });
}

function change(n: number, values: Partial<Item>): Item {
	writes += 1;
	const before = changed.get(n) ?? original(n);
	const next = { ...before, ...values, updated_at: new Date().toISOString(), etag: `"w${writes}"` };
	changed.delete(n);
	changed.set(n, next);
	return next;
}

function listed(query: URLSearchParams): { items: Item[]; next: string | null } {
	const ids = query.get('ids');
	if (ids !== null) return { items: ids.split(',').flatMap((id) => itemNamed(id) ?? []), next: null };
	const limit = Number(query.get('limit') ?? '100');
	const after = Number(query.get('after') ?? '0') || 0;
	const since = query.get('updated_since');
	if (since !== null && Date.parse(since) > Date.parse(seededStamp)) {
		const items = [...changed.values()].filter((item) => Date.parse(item.updated_at) >= Date.parse(since));
		return { items: items.slice(after, after + limit), next: after + limit < items.length ? `${after + limit}` : null };
	}
	const total = records + free;
	const items = Array.from({ length: Math.min(limit, total - after) }, (_, index) => itemAt(after + index));
	return { items, next: after + limit < total ? String(after + limit) : null };
}

function itemAt(place: number): Item {
	return place < records ? linked(place + 1) : unlinked(7 + 50 * (place - records));
}

function itemNamed(id: string): Item | null {
	const [, kind, digits] = /^([SF])(\d{1,8})$/.exec(id) ?? [];
	const n = Number(digits);
	if (kind === undefined || n < 1 || n > records) return null;
	return kind === 'S' ? linked(n) : n % 50 === 7 ? unlinked(n) : null;
}

function linked(n: number): Item {
	return changed.get(n) ?? original(n);
}

function unlinked(n: number): Item {
	return { ...original(n), id: `F${n}`, sku: `OPEN-${n}`, name: `Open article ${n}`, price: '9.5', active: true };
}

/** As `npm run seed` makes record number n of ours. */
function original(n: number): Item {
	return {
		id: `S${n}`,
		sku: `SEED-${String(n).padStart(7, '0')}`,
		name: `${kinds[n % kinds.length]} ${things[n % things.length]} ${n}`,
		price: String((500 + ((n * 37) % 40_000)) / 100),
		active: n % 40 !== 0,
		updated_at: seededStamp,
		etag: '"v1"'
	};
}

function send(response: ServerResponse, status: number, body: unknown, etag?: string): void {
	response.writeHead(status, {
		'content-type': 'application/json',
		'x-server-time': new Date().toISOString(),
		...(etag !== undefined && { etag })
	});
	response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
	let text = '';
	for await (const chunk of request) text += String(chunk);
	return text;
}
