import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { csrf } from 'hono/csrf';
import { HTTPException } from 'hono/http-exception';
import { changeRecord, createRecord } from './change-record.ts';
import { erpTables, isoMicroseconds, type ErpRecord, type ErpStore, type ErpTable } from './erp-store.ts';
import { createFaults, retryAfterSeconds, slowByMs, type Faults } from './faults.ts';
import { listRecords } from './list-records.ts';
import { addPages } from './pages.ts';
import { Refusal } from './refusal.ts';
import { titleOf } from './title-of.ts';
import { importSchema, tagOf, vocabularies, type ErpKind } from './vocabulary.ts';

export type ErpInput = {
	kind: ErpKind;
	store: ErpStore;
	/** The ERP's own clock: milliseconds since 1970 with fractions. */
	nowMs: () => number;
	/** Bearer key of the API. */
	key: string;
	/** Trouble on purpose, for calls of the API; none at the start if not given. */
	faults?: Faults;
	/** Waited for before each API call is worked on: a simulated latency, and `slowByMs` while the system is slow. */
	pause?: (ms: number) => Promise<unknown>;
};

/**
 * A small business system with an HTTP API (a path for each of `erpTables`, `/log`, `/history`, `/admin/import`; bearer key) and a plain
 * page for people at `/` (no key: it is meant for a loopback address). Kind `shop` is the same program with other
 * names, cents instead of decimals, whole seconds and no precondition.
 */
export function createErp(input: ErpInput): Hono {
	const { kind, store, nowMs, key, pause, faults = createFaults(nowMs) } = input;
	const vocabulary = vocabularies[kind];
	const app = new Hono();
	app.use(async (c, next) => {
		await next();
		c.header('x-server-time', isoMicroseconds(nowMs()).replace(/\d{3}Z$/, 'Z'));
	});
	app.use('/page/*', csrf());
	app.onError((error, c) => {
		if (error instanceof Refusal) {
			if (error.status === 429) c.header('retry-after', String(retryAfterSeconds));
			return c.json({ message: error.message }, error.status);
		}
		if (error instanceof HTTPException) return error.getResponse();
		console.error(error);
		return c.json({ message: 'The system has a problem of its own' }, 500);
	});
	const tables = erpTables.map((table) => `/${table}/*`);
	for (const path of [...tables, '/log', '/history', '/admin/*']) {
		app.use(path, async (c, next) => {
			if (c.req.header('authorization') !== `Bearer ${key}`) throw new Refusal(401, 'No valid key was given');
			await pause?.(faults.on('slow') ? slowByMs : 0);
			await next();
		});
	}
	for (const path of tables) app.use(path, makeTrouble(faults));
	for (const table of vocabulary.tables) addTable(app, { kind, store, faults }, table);

	app.get('/log', (c) => c.json({ items: store.logSince(Number(c.req.query('since') ?? 0) || 0) }));
	app.get('/history', (c) => c.json({ items: store.historySince(Number(c.req.query('since') ?? 0) || 0) }));
	app.put('/admin/import', async (c) => {
		const parsed = importSchema.safeParse(await c.req.json().catch(() => null));
		if (!parsed.success) throw new Refusal(400, 'An import is { products: [...], partners: [...] }');
		store.replaceAll(parsed.data);
		await store.saved();
		return c.json({ products: parsed.data.products.length, partners: parsed.data.partners.length });
	});
	addPages(app, { ...input, faults });
	return app;
}

/** Refuses what the trouble that is on refuses. */
function makeTrouble(faults: Faults): MiddlewareHandler {
	return async (c, next) => {
		if (faults.on('rate-limit')) throw new Refusal(429, 'Too many calls, come back later');
		if (c.req.method !== 'GET' && faults.on('refuse-writes'))
			throw new Refusal(503, 'No changes at present, please try later');
		await next();
	};
}

/** Breaks the connection before anything is answered. Without a socket, as in a test, the answer is a gateway's. */
function loseReply(c: Context): Response {
	const env = c.env as { incoming?: { socket: { destroy(): void } } } | undefined;
	env?.incoming?.socket.destroy();
	return c.json({ message: 'The answer was lost on its way' }, 502);
}

type TableInput = Pick<ErpInput, 'kind' | 'store'> & { faults: Faults };

function addTable(app: Hono, { kind, store, faults }: TableInput, table: ErpTable): void {
	const vocabulary = vocabularies[kind];
	const path = `/${table}` as const;
	const note = (c: Context, id: string) => store.note({ method: c.req.method, path: c.req.path, id, by: 'key' });
	const author = (c: Context) => c.req.header('x-author') ?? 'key';
	const show = (c: Context, record: ErpRecord, status: 200 | 201 = 200) => {
		if (vocabulary.hasTags) c.header('etag', tagOf(record));
		return c.json(vocabulary.show(table, record, store), status);
	};

	app.get(path, (c) => {
		const byKey = c.req.queries('ids') ?? c.req.queries(vocabulary.referenceName);
		if (!byKey && faults.on('empty-listing')) return c.json({ items: [], next: null });
		const { records, next } = listRecords(store.all(table), c.req.queries(), {
			referenceName: vocabulary.referenceName,
			titleOf: (record) => titleOf(store, table, record)
		});
		for (const id of (c.req.queries('ids') ?? []).flatMap((ids) => ids.split(','))) note(c, id);
		return c.json({ items: records.map((record) => vocabulary.show(table, record, store)), next });
	});
	app.get(`${path}/:id`, (c) => {
		note(c, c.req.param('id'));
		return show(c, existing(store, table, c.req.param('id')));
	});
	app.post(path, async (c) => {
		const { values, reference } = await bodyOf(c, kind, table);
		const record = createRecord(store, table, values, reference ?? null);
		note(c, record.id);
		store.remember(table, author(c), null, record);
		await store.saved();
		if (faults.take('lose-reply', titleOf(store, table, record).code)) return loseReply(c);
		return vocabulary.answersWrites ? show(c, record, 201) : c.json({ uid: record.id }, 201);
	});
	app.patch(`${path}/:id`, async (c) => {
		const { values, reference } = await bodyOf(c, kind, table);
		const record = existing(store, table, c.req.param('id'));
		const wanted = vocabulary.hasTags ? c.req.header('if-match') : undefined;
		if (wanted !== undefined && wanted !== '*' && wanted !== tagOf(record)) {
			throw new Refusal(412, 'The record changed since it was read');
		}
		const changed = changeRecord(store, table, record, values, reference);
		note(c, record.id);
		store.remember(table, author(c), record, changed);
		await store.saved();
		return vocabulary.answersWrites ? show(c, changed) : c.body(null, 204);
	});
	app.delete(`${path}/:id`, async (c) => {
		const record = existing(store, table, c.req.param('id'));
		store.remove(table, record.id);
		note(c, record.id);
		store.remember(table, author(c), record, null);
		await store.saved();
		return c.body(null, 204);
	});
}

function existing(store: ErpStore, table: ErpTable, id: string): ErpRecord {
	const record = store.get(table, id);
	if (!record) throw new Refusal(404, `There is no record ${id}`);
	return record;
}

async function bodyOf(c: Context, kind: ErpKind, table: ErpTable) {
	const json: unknown = await c.req.json().catch(() => {
		throw new Refusal(400, 'The body is not JSON');
	});
	const parsed = vocabularies[kind].body(table).safeParse(json);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	throw new Refusal(422, issue ? [issue.path.join('.'), issue.message].filter(Boolean).join(': ') : 'Not valid');
}
