import type { Hono, Context } from 'hono';
import { html } from 'hono/html';
import { changeRecord, createRecord } from './change-record.ts';
import type { ErpInput } from './create-erp.ts';
import { addFaultPanel } from './fault-panel.ts';
import type { Faults } from './faults.ts';
import type { ErpRecord, ErpStore, ErpTable, ErpValues } from './erp-store.ts';
import { formFields, pageOf, recordForm, recordTable } from './page-parts.ts';
import { Refusal } from './refusal.ts';
import { newOrder } from './shop-orders.ts';
import { titleOf } from './title-of.ts';
import { vocabularies } from './vocabulary.ts';

const pageSize = 50;

/** What the handlers of all pages share. */
type Desk = ReturnType<typeof createDesk>;

function createDesk({ kind, store, key, nowMs }: ErpInput) {
	const { title, tables } = vocabularies[kind];
	const tableOf = (c: Context): ErpTable => {
		const table = tables.find((each) => each === c.req.param('table'));
		if (!table) throw new Refusal(404, 'There is no such page');
		return table;
	};
	return {
		store,
		tableOf,
		/** What the form of a new record begins with. */
		newValues: (table: ErpTable): ErpValues => ({
			active: true,
			...(table === 'orders' && newOrder(store, nowMs()))
		}),
		recordOf(c: Context): ErpRecord {
			const record = store.get(tableOf(c), c.req.param('id') ?? '');
			if (!record) throw new Refusal(404, 'There is no such record');
			return record;
		},
		page: (current: ErpTable, content: Parameters<typeof pageOf>[3]) =>
			pageOf(title, tables, current, html`${content} ${forPrograms(key)}`),
		/** Notes who did it, and answers when it is on disk. */
		async done(c: Context, id: string, to: string): Promise<Response> {
			store.note({ method: c.req.method, path: c.req.path, id, by: 'page' });
			await store.saved();
			return c.redirect(to, 303);
		}
	};
}

/** What somebody needs who connects this system. It guards nothing: these pages may be used by anybody, too. */
function forPrograms(key: string) {
	return html`<p class="quiet">
		<small>For programs: JSON at this address, with the API key <code>${key}</code>.</small>
	</p>`;
}

/** Adds the pages for people: a searchable list, and a form per record that works without JavaScript. */
export function addPages(app: Hono, input: ErpInput & { faults: Faults }): void {
	const desk = createDesk(input);
	const { store, tableOf, recordOf, newValues } = desk;
	app.get('/', (c) => showList(c, desk, 'products'));
	addFaultPanel(app, { ...vocabularies[input.kind], faults: input.faults });
	app.get('/page/:table', (c) => showList(c, desk, tableOf(c)));
	app.get('/page/:table/new', (c) => showForm(c, desk, tableOf(c), null, newValues(tableOf(c))));
	app.get('/page/:table/:id', (c) => showForm(c, desk, tableOf(c), recordOf(c), recordOf(c).values));
	app.post('/page/:table/new', (c) => save(c, desk, null, (values) => createRecord(store, tableOf(c), values, null)));
	app.post('/page/:table/:id', (c) => {
		const record = recordOf(c);
		return save(c, desk, record, (values) => changeRecord(store, tableOf(c), record, values));
	});
	app.post('/page/:table/:id/delete', async (c) => {
		const [table, record] = [tableOf(c), recordOf(c)];
		const posted = await c.req.parseBody();
		if (posted['sure'] !== 'on') {
			return showForm(c, desk, table, record, record.values, 'Tick the box to delete the record.');
		}
		store.remove(table, record.id);
		return desk.done(c, record.id, `/page/${table}`);
	});
	app.notFound((c) => {
		if (!c.req.header('accept')?.includes('text/html')) return c.json({ message: 'There is no such address' }, 404);
		return c.html(
			desk.page(
				'products',
				html`<h1>Not found</h1>
					<p><a href="/">All products</a></p>`
			),
			404
		);
	});
}

function showList(c: Context, { store, page }: Desk, table: ErpTable) {
	const query = c.req.query('q')?.trim() ?? '';
	const number = Math.max(1, Math.floor(Number(c.req.query('page') ?? 1)) || 1);
	const found = store.all(table).filter((record) => contains(store, table, record, query));
	const shown = found
		.slice((number - 1) * pageSize, number * pageSize)
		.map((record) => ({ ...record, title: titleOf(store, table, record) }));
	return c.html(page(table, recordTable(table, { shown, total: found.length, query, page: number, pageSize })));
}

function showForm(
	c: Context,
	{ page, store }: Desk,
	table: ErpTable,
	record: ErpRecord | null,
	values: ErpValues,
	problem?: string
) {
	const notice = c.req.query('saved') === '1' ? 'Saved.' : undefined;
	const titled = record && { ...record, title: titleOf(store, table, record) };
	return c.html(
		page(table, recordForm(table, { record: titled, values, problem, notice })),
		problem === undefined ? 200 : 422
	);
}

/** Saves what was posted; a refused form comes back as it was typed, with the reason. */
async function save(c: Context, desk: Desk, record: ErpRecord | null, write: (values: ErpValues) => ErpRecord) {
	const table = desk.tableOf(c);
	const posted = await c.req.parseBody();
	let saved: ErpRecord;
	try {
		saved = write(parsed(table, posted));
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return showForm(c, desk, table, record, raw(table, posted), error.message);
	}
	return desk.done(c, saved.id, `/page/${table}/${encodeURIComponent(saved.id)}?saved=1`);
}

function contains(store: ErpStore, table: ErpTable, record: ErpRecord, query: string): boolean {
	const { code, name } = titleOf(store, table, record);
	const words = [record.id, code, name, ...Object.values(record.values)].filter((value) => typeof value === 'string');
	return words.join('\n').toLowerCase().includes(query.toLowerCase());
}

/** What was typed, so that a refused form comes back as it was. */
function raw(table: ErpTable, posted: Record<string, unknown>): ErpValues {
	return Object.fromEntries(
		formFields[table].map(({ name, kind }) => {
			const value = posted[name];
			return [name, kind === 'checkbox' ? value === 'on' : typeof value === 'string' && value !== '' ? value : null];
		})
	);
}

function parsed(table: ErpTable, posted: Record<string, unknown>): ErpValues {
	const values: Record<string, unknown> = { ...raw(table, posted) };
	if (typeof values['weight'] === 'string') values['weight'] = Number(values['weight'].replace(',', '.'));
	for (const field of ['price', 'amount', 'quantity', 'shipping', 'discount', 'tax', 'total']) {
		const value = values[field];
		if (typeof value === 'string') values[field] = value.trim().replace(',', '.');
	}
	const result = vocabularies.erp.body(table).safeParse(values);
	if (result.success) return result.data.values;
	const issue = result.error.issues[0];
	throw new Refusal(422, issue ? `${issue.path.join('.')}: ${issue.message}` : 'Not valid');
}
