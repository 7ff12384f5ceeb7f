import { html, raw } from 'hono/html';
import type { ErpRecord, ErpTable, ErpValues } from './erp-store.ts';
import { orderStates } from './shop-orders.ts';

type Html = ReturnType<typeof html>;
type FormField = { name: string; label: string; kind: 'text' | 'textarea' | 'checkbox' | 'decimal' };

/** The fields of the edit form, in order. */
export const formFields: Readonly<Record<ErpTable, readonly FormField[]>> = {
	products: [
		{ name: 'sku', label: 'SKU', kind: 'text' },
		{ name: 'name', label: 'Name', kind: 'text' },
		{ name: 'description', label: 'Description', kind: 'textarea' },
		{ name: 'gtin', label: 'GTIN', kind: 'text' },
		{ name: 'price', label: 'Price', kind: 'decimal' },
		{ name: 'currency', label: 'Currency', kind: 'text' },
		{ name: 'weight', label: 'Weight (kg)', kind: 'decimal' },
		{ name: 'category_id', label: 'Category (id)', kind: 'text' },
		{ name: 'colour', label: 'Colour', kind: 'text' },
		{ name: 'material', label: 'Material', kind: 'text' },
		{ name: 'active', label: 'Active', kind: 'checkbox' }
	],
	partners: [
		{ name: 'code', label: 'Code', kind: 'text' },
		{ name: 'name', label: 'Name', kind: 'text' },
		{ name: 'email', label: 'E-mail', kind: 'text' },
		{ name: 'phone', label: 'Phone', kind: 'text' },
		{ name: 'vat', label: 'VAT number', kind: 'text' },
		{ name: 'active', label: 'Active', kind: 'checkbox' }
	],
	categories: [
		{ name: 'code', label: 'Code', kind: 'text' },
		{ name: 'name', label: 'Name', kind: 'text' },
		{ name: 'part_of', label: 'Part of (id)', kind: 'text' },
		{ name: 'active', label: 'Active', kind: 'checkbox' }
	],
	warehouses: [
		{ name: 'code', label: 'Code', kind: 'text' },
		{ name: 'name', label: 'Name', kind: 'text' },
		{ name: 'active', label: 'Active', kind: 'checkbox' }
	],
	pricelists: [
		{ name: 'code', label: 'Code', kind: 'text' },
		{ name: 'name', label: 'Name', kind: 'text' },
		{ name: 'currency', label: 'Currency', kind: 'text' },
		{ name: 'active', label: 'Active', kind: 'checkbox' }
	],
	prices: [
		{ name: 'product_id', label: 'Product (id)', kind: 'text' },
		{ name: 'price_list_id', label: 'Price list (id)', kind: 'text' },
		{ name: 'amount', label: 'Amount', kind: 'decimal' },
		{ name: 'active', label: 'Active', kind: 'checkbox' }
	],
	stock: [
		{ name: 'product_id', label: 'Product (id)', kind: 'text' },
		{ name: 'warehouse_id', label: 'Warehouse (id)', kind: 'text' },
		{ name: 'quantity', label: 'Quantity', kind: 'decimal' },
		{ name: 'unit', label: 'Unit', kind: 'text' },
		{ name: 'active', label: 'Active', kind: 'checkbox' }
	],
	orders: [
		{ name: 'code', label: 'Number', kind: 'text' },
		{ name: 'name', label: 'Customer', kind: 'text' },
		{ name: 'placed', label: 'Placed (UTC)', kind: 'text' },
		{ name: 'lines', label: 'Lines, one each: product (id), pieces, price of one without tax', kind: 'textarea' },
		{ name: 'shipping', label: 'Shipping', kind: 'decimal' },
		{ name: 'discount', label: 'Discount', kind: 'decimal' },
		{ name: 'tax', label: 'Tax', kind: 'decimal' },
		{ name: 'total', label: 'Total: lines and shipping, less discount, with tax', kind: 'decimal' },
		{ name: 'state', label: `State (${orderStates.join(', ')})`, kind: 'text' }
	]
};

const labels: Readonly<Record<ErpTable, { all: string; one: string }>> = {
	products: { all: 'Products', one: 'product' },
	partners: { all: 'Partners', one: 'partner' },
	categories: { all: 'Categories', one: 'category' },
	warehouses: { all: 'Warehouses', one: 'warehouse' },
	pricelists: { all: 'Price lists', one: 'price list' },
	prices: { all: 'Prices', one: 'price' },
	stock: { all: 'Stock', one: 'stock' },
	orders: { all: 'Orders', one: 'order' }
};

const style = `
:root { color-scheme: light dark; --line: light-dark(#c9d3cd, #3b4843); --accent: light-dark(#1d5c46, #7fd0ae);
	--back: light-dark(#f6f8f5, #141a18); --card: light-dark(#fff, #1d2522); --bad: light-dark(#a3201d, #ffa49b); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: light-dark(#17211d, #e6ece9); font: 1rem/1.5 system-ui, sans-serif; }
header, main { max-width: 62rem; margin: 0 auto; padding: 1rem; }
header { display: flex; gap: 1.5rem; align-items: baseline; flex-wrap: wrap; border-bottom: 1px solid var(--line); }
header strong { font-size: 1.2rem; }
a { color: var(--accent); }
nav { display: flex; gap: 1rem; }
nav a[aria-current] { font-weight: 600; text-decoration: none; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
form.card { background: var(--card); border: 1px solid var(--line); padding: 1.25rem; max-width: 36rem; margin-bottom: 1.5rem; }
label { display: block; font-weight: 600; margin-bottom: .75rem; }
label.check { font-weight: 400; display: flex; gap: .5rem; align-items: center; }
input:not([type=checkbox]), textarea { display: block; width: 100%; font: inherit; font-weight: 400; padding: .5rem; margin-top: .25rem;
	border: 1px solid light-dark(#78857e, #7d8b85); border-radius: .25rem; background: var(--back); color: inherit; }
button { font: inherit; padding: .5rem 1.25rem; border: 0; border-radius: .25rem; background: var(--accent); color: var(--card); cursor: pointer; }
form.search { display: flex; gap: .5rem; margin: 1rem 0; max-width: 30rem; }
form.search input { margin: 0; }
form.fault { display: flex; gap: 1rem; justify-content: space-between; align-items: center; max-width: none; margin-bottom: .75rem; }
form.fault h2 { font-size: 1rem; margin: 0; }
form.fault p { margin: .25rem 0 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.problem { color: var(--bad); font-weight: 600; }
.quiet { color: light-dark(#52605a, #a5b3ad); }
`;

/** A whole page of the demo system. */
export function pageOf(title: string, tables: readonly ErpTable[], current: ErpTable | 'faults', content: Html) {
	const here = (name: string) => (name === current ? raw('aria-current="page"') : '');
	const links = tables.map((table) => html`<a href="/page/${table}" ${here(table)}>${labels[table].all}</a>`);
	return html`<!doctype html>
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<title>${current === 'faults' ? 'Trouble on purpose' : labels[current].all} · ${title}</title>
				<link rel="icon" href="data:," />
				<style>
					${raw(style)}
				</style>
			</head>
			<body>
				<header>
					<strong>${title}</strong>
					<nav aria-label="Main">${links} <a href="/page/faults" ${here('faults')}>Trouble on purpose</a></nav>
				</header>
				<main>${content}</main>
			</body>
		</html>`;
}

/** A record with what it is called. */
type Titled = ErpRecord & { title: { code: string; name: string } };
type Listing = { shown: readonly Titled[]; total: number; query: string; page: number; pageSize: number };

/** The one fact of a record that a list shows beside its name; its id where there is none. */
const facts: Partial<Record<ErpTable, string>> = {
	products: 'Price',
	partners: 'E-mail',
	prices: 'Amount',
	stock: 'Quantity',
	orders: 'Total'
};
const numbers: readonly ErpTable[] = ['products', 'prices', 'stock', 'orders'];

function factOf(table: ErpTable, id: string, values: ErpValues) {
	if (table === 'products') return `${String(values['price'] ?? '')} ${String(values['currency'] ?? '')}`;
	if (table === 'prices') return values['amount'] ?? '';
	if (table === 'stock') return `${String(values['quantity'] ?? '')} ${String(values['unit'] ?? '')}`;
	if (table === 'orders') return `${String(values['total'] ?? '')} ${String(values['state'])}`;
	return table === 'partners' ? values['email'] : id;
}

/** The list of one table with its search. */
export function recordTable(table: ErpTable, { shown, total, query, page, pageSize }: Listing): Html {
	const isProducts = table === 'products';
	const isNumber = numbers.includes(table);
	const link = (to: number, words: string) =>
		html`<a href="/page/${table}?q=${encodeURIComponent(query)}&page=${String(to)}">${words}</a>`;
	const rows = shown.map(
		({ id, values, changedAt, title }) =>
			html`<tr>
				<td><a href="/page/${table}/${encodeURIComponent(id)}">${title.code}</a></td>
				<td>${title.name}${values['active'] === false ? html` <span class="quiet">(archived)</span>` : ''}</td>
				<td class="${isNumber ? 'number' : ''}">${factOf(table, id, values)}</td>
				<td class="quiet">${changedAt.slice(0, 19).replace('T', ' ')}</td>
			</tr>`
	);
	return html`<h1>${labels[table].all}</h1>
		<form class="search" method="get" action="/page/${table}" role="search">
			<input
				type="search"
				name="q"
				value="${query}"
				aria-label="Search by code, name or id"
				placeholder="Code, name or id"
			/>
			<button>Search</button>
		</form>
		<p>${String(total)} found · <a href="/page/${table}/new">New ${labels[table].one}</a></p>
		<table>
			<thead>
				<tr>
					<th scope="col">${isProducts ? 'SKU' : 'Code'}</th>
					<th scope="col">Name</th>
					<th scope="col" class="${isNumber ? 'number' : ''}">${facts[table] ?? 'Id'}</th>
					<th scope="col">Changed (UTC)</th>
				</tr>
			</thead>
			<tbody>
				${rows}
			</tbody>
		</table>
		<p>${page > 1 ? link(page - 1, 'Back') : ''} ${page * pageSize < total ? link(page + 1, 'More') : ''}</p>`;
}

type Form = { record: Titled | null; values: ErpValues; problem?: string | undefined; notice?: string | undefined };

/** The form of one record; without a record, that of a new one. */
export function recordForm(table: ErpTable, { record, values, problem, notice }: Form): Html {
	const action = `/page/${table}/${record ? encodeURIComponent(record.id) : 'new'}`;
	const heading = record ? record.title.name : `New ${labels[table].one}`;
	return html`<p><a href="/page/${table}">All ${labels[table].all.toLowerCase()}</a></p>
		<h1>${heading}</h1>
		<p role="status">${notice ?? ''}</p>
		${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
		<form class="card" method="post" action="${action}">
			${formFields[table].map((field) => inputOf(field, values[field.name] ?? null))}
			<button>Save</button>
		</form>
		${record ? aboutRecord(table, record, action) : ''}`;
}

function inputOf({ name, label, kind }: FormField, value: string | boolean | null): Html {
	if (kind === 'checkbox') {
		const checked = value === true ? raw('checked') : '';
		return html`<label class="check"><input type="checkbox" name="${name}" ${checked} /> ${label}</label>`;
	}
	if (kind === 'textarea')
		return html`<label>${label}<textarea name="${name}" rows="4">${value ?? ''}</textarea></label>`;
	const mode = kind === 'decimal' ? 'decimal' : 'text';
	return html`<label>${label}<input name="${name}" value="${value ?? ''}" inputmode="${mode}" /></label>`;
}

function aboutRecord(table: ErpTable, record: ErpRecord, action: string): Html {
	return html`<p class="quiet">
			Id ${record.id} · changed ${record.changedAt} · reference ${record.reference ?? 'none'}
		</p>
		<form class="card" method="post" action="${action}/delete">
			<label class="check">
				<input type="checkbox" name="sure" required /> Delete this ${labels[table].one} for good, without a way back
			</label>
			<button>Delete</button>
		</form>`;
}
