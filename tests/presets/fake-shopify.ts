import { Hono } from 'hono';
import { parseDocument, project, type Selected } from './graphql-document.ts';
import type { Vendor } from './start-vendor.ts';
import type { VendorRecord, VendorStore } from './vendor-store.ts';

const names: Readonly<Record<string, string>> = { name: 'title', description: 'descriptionHtml', value: 'sku' };

type Variables = Record<string, unknown> & {
	product?: Record<string, unknown> & { id?: string; metafields?: { key: string; value: string }[] };
};

/**
 * Products of Shopify's GraphQL Admin API: one address, failures inside good answers (`errors`, `userErrors`), null for
 * what is not there, stamps in whole seconds, a cost that throttles; no precondition.
 */
export function fakeShopify(store: VendorStore): Vendor & { throttle(calls: number): void } {
	const app = new Hono();
	let throttled = 0;
	app.post('/admin/api/2026-04/graphql.json', async (c) => {
		if (c.req.header('x-shopify-access-token') !== 'shpat_s3cret') {
			return c.json({ errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' }, 401);
		}
		if (throttled > 0) {
			throttled -= 1;
			return c.json({ errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }] });
		}
		try {
			const { query, variables = {} } = await c.req.json<{ query: string; variables?: Variables }>();
			const { fields, variables: declared } = parseDocument(query);
			const stranger = Object.keys(variables).find((name) => !declared.includes(name));
			if (stranger !== undefined) throw new Error(`Variable ${stranger} isn't declared`);
			const data = fields.map((field) => [field.alias, project(resolve(store, field, variables), field.fields)]);
			return c.json({ data: Object.fromEntries(data) });
		} catch (error) {
			const message = error instanceof Error ? error.message : 'trouble';
			return c.json({ errors: [{ message, extensions: { code: 'undefinedField' } }] });
		}
	});
	return {
		preset: 'shopify',
		app,
		key: 'shpat_s3cret',
		settings: (origin) => ({ baseUrl: `${origin}/admin/api/2026-04/graphql.json` }),
		newId: () => `gid://shopify/Product/${store.nextNumber()}`,
		stored({ is_active: active, ...fields }) {
			const values = Object.fromEntries(
				Object.entries(fields).map(([name, value]) => [names[name] ?? name, value ?? ''])
			);
			return { ...values, ...(active !== undefined && { status: active === false ? 'ARCHIVED' : 'ACTIVE' }) };
		},
		throttle: (calls) => void (throttled = calls)
	};
}

function resolve(store: VendorStore, { name }: Selected, variables: Variables): unknown {
	switch (name) {
		case 'products':
			return list(store, variables);
		case 'nodes':
			return (variables['ids'] as string[]).map((id) => nodeOf(store.get(id)));
		case 'productByIdentifier':
			return nodeOf(store.all().find(({ values }) => values['reference'] === variables['value']));
		case 'productCreate':
			return create(store, variables.product ?? {});
		case 'productUpdate':
			return update(store, variables.product ?? {});
		default:
			throw new Error(`Field '${name}' doesn't exist on type 'QueryRoot'`);
	}
}

function nodeOf(record: VendorRecord | undefined) {
	if (!record) return null;
	const { title = '', descriptionHtml = '', status = 'ACTIVE', sku = 'SKU-1', reference } = record.values;
	return {
		id: record.id,
		title,
		descriptionHtml,
		status,
		updatedAt: stampOf(record),
		variants: { nodes: [{ sku, barcode: null, price: '12.50' }] },
		metafield: (args: string) => (args.includes('"reference"') && reference !== undefined ? { value: reference } : null)
	};
}

const stampOf = ({ stampMs }: VendorRecord) => `${new Date(stampMs).toISOString().slice(0, 19)}Z`;

function list(store: VendorStore, { first, after, filter, sort }: Variables) {
	const rows = (sort === 'UPDATED_AT' ? store.byStamp() : store.all()).filter((record) => fits(record, filter));
	const start = after === undefined ? 0 : Number(atob(String(after)));
	const page = rows.slice(start, start + Number(first));
	const end = start + page.length;
	return {
		nodes: page.map(nodeOf),
		pageInfo: { hasNextPage: end < rows.length, endCursor: page.length > 0 ? btoa(String(end)) : null }
	};
}

function fits(record: VendorRecord, filter: unknown): boolean {
	if (typeof filter !== 'string') return true;
	const [, since] = /^updated_at:>='([^']*)'$/.exec(filter) ?? [];
	if (since !== undefined) return stampOf(record) >= since;
	const phrase = (JSON.parse(filter) as string).toLowerCase();
	return `${String(record.values['title'])}\n${String(record.values['descriptionHtml'])}`
		.toLowerCase()
		.includes(phrase);
}

function create(store: VendorStore, { metafields, ...values }: NonNullable<Variables['product']>) {
	const refusal = refusalOf(values);
	if (refusal) return { product: null, userErrors: refusal };
	const id = `gid://shopify/Product/${store.nextNumber()}`;
	const reference = metafields?.find(({ key }) => key === 'reference')?.value;
	return { product: nodeOf(store.insert(id, { ...values, reference })), userErrors: [] };
}

function update(store: VendorStore, { id = '', ...values }: NonNullable<Variables['product']>) {
	const record = store.get(id);
	if (!record) return { product: null, userErrors: [{ field: ['id'], message: 'Product does not exist' }] };
	const refusal = refusalOf(values);
	if (refusal) return { product: null, userErrors: refusal };
	store.change(record, values);
	return { product: nodeOf(record), userErrors: [] };
}

function refusalOf({ title }: Record<string, unknown>) {
	if (typeof title !== 'string' || title.length <= 255) return null;
	return [{ field: ['title'], message: 'Title is too long (maximum is 255 characters)' }];
}
