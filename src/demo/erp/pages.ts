import type { Hono, Context } from 'hono';
import { html } from 'hono/html';
import { changeRecord, createRecord } from './change-record.ts';
import type { ErpInput } from './create-erp.ts';
import type { ErpRecord, ErpTable, ErpValues } from './erp-store.ts';
import { formFields, pageOf, recordForm, recordTable } from './page-parts.ts';
import { Refusal } from './refusal.ts';
import { vocabularies } from './vocabulary.ts';

const pageSize = 50;

/** Adds the pages for people: a searchable list, and a form per record that works without JavaScript. */
export function addPages(app: Hono, { kind, store }: ErpInput): void {
	const { title, tables } = vocabularies[kind];
	const tableOf = (c: Context): ErpTable => {
		const table = tables.find((each) => each === c.req.param('table'));
		if (!table) throw new Refusal(404, 'There is no such page');
		return table;
	};
	const recordOf = (c: Context): ErpRecord => {
		const record = store.get(tableOf(c), c.req.param('id') ?? '');
		if (!record) throw new Refusal(404, 'There is no such record');
		return record;
	};
	const note = (c: Context, id: string) => store.note({ method: c.req.method, path: c.req.path, id, by: 'page' });
	const list = (c: Context, table: ErpTable) => {
		const query = c.req.query('q')?.trim() ?? '';
		const page = Math.max(1, Math.floor(Number(c.req.query('page') ?? 1)) || 1);
		const found = store.all(table).filter((record) => contains(record, query));
		const shown = found.slice((page - 1) * pageSize, page * pageSize);
		return c.html(
			pageOf(title, tables, table, recordTable(table, { shown, total: found.length, query, page, pageSize }))
		);
	};
	const form = (c: Context, table: ErpTable, record: ErpRecord | null, values: ErpValues, problem?: string) => {
		const notice = c.req.query('saved') === '1' ? 'Saved.' : undefined;
		return c.html(
			pageOf(title, tables, table, recordForm(table, { record, values, problem, notice })),
			problem ? 422 : 200
		);
	};

	app.get('/', (c) => list(c, 'products'));
	app.get('/page/:table', (c) => list(c, tableOf(c)));
	app.get('/page/:table/new', (c) => form(c, tableOf(c), null, { active: true }));
	app.get('/page/:table/:id', (c) => form(c, tableOf(c), recordOf(c), recordOf(c).values));

	app.post('/page/:table/new', async (c) => {
		const table = tableOf(c);
		const posted = await c.req.parseBody();
		return tried(
			() => createRecord(store, table, parsed(table, posted), null),
			async (record) => {
				note(c, record.id);
				await store.saved();
				return c.redirect(`/page/${table}/${encodeURIComponent(record.id)}?saved=1`, 303);
			},
			(problem) => form(c, table, null, raw(table, posted), problem)
		);
	});
	app.post('/page/:table/:id', async (c) => {
		const table = tableOf(c);
		const record = recordOf(c);
		const posted = await c.req.parseBody();
		return tried(
			() => changeRecord(store, table, record, parsed(table, posted)),
			async () => {
				note(c, record.id);
				await store.saved();
				return c.redirect(`/page/${table}/${encodeURIComponent(record.id)}?saved=1`, 303);
			},
			(problem) => form(c, table, record, raw(table, posted), problem)
		);
	});
	app.post('/page/:table/:id/delete', async (c) => {
		const table = tableOf(c);
		const record = recordOf(c);
		const posted = await c.req.parseBody();
		if (posted['sure'] !== 'on') return form(c, table, record, record.values, 'Tick the box to delete the record.');
		store.remove(table, record.id);
		note(c, record.id);
		await store.saved();
		return c.redirect(`/page/${table}`, 303);
	});
	app.notFound((c) => {
		if (!c.req.header('accept')?.includes('text/html')) return c.json({ message: 'There is no such address' }, 404);
		return c.html(
			pageOf(
				title,
				tables,
				'products',
				html`<h1>Not found</h1>
					<p><a href="/">All products</a></p>`
			),
			404
		);
	});
}

function contains(record: ErpRecord, query: string): boolean {
	const words = [record.id, ...Object.values(record.values)].filter((value) => typeof value === 'string');
	return words.join('\n').toLowerCase().includes(query.toLowerCase());
}

async function tried<Made>(
	attempt: () => Made,
	done: (made: Made) => Promise<Response>,
	failed: (problem: string) => Response | Promise<Response>
): Promise<Response> {
	let made: Made;
	try {
		made = attempt();
	} catch (error) {
		if (error instanceof Refusal) return failed(error.message);
		throw error;
	}
	return done(made);
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
	if (typeof values['price'] === 'string') values['price'] = values['price'].trim().replace(',', '.');
	const result = vocabularies.erp.body(table).safeParse(values);
	if (result.success) return result.data.values;
	const issue = result.error.issues[0];
	throw new Refusal(422, issue ? `${issue.path.join('.')}: ${issue.message}` : 'Not valid');
}
