import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, decimal, type TrytonClient } from '../../../../tests/tryton/client.ts';
import type { ExternalRecord, Page, Resource, Session } from '../connector.ts';
import { createTransport } from '../http.ts';
import { type FakeTryton, startFakeTryton } from './fake.ts';
import { tryton } from './index.ts';

let fake: FakeTryton;
let client: TrytonClient;
let session: Session;
let products: Resource;
let parents: Resource;
let number = 0;

beforeAll(async () => {
	fake = await startFakeTryton();
	client = await connect(fake);
	const { url, database, user, password } = fake;
	session = tryton.open({
		settings: { url, database, user, backend: 'postgresql', productCategory: 'sync' },
		credentials: { password },
		transport: createTransport({
			fetch: fake.fetch,
			monotonicNow: () => performance.now(),
			wallNow: () => Date.now()
		})
	});
	products = session.resource('product')!;
	parents = session.resource('product-parent')!;
});
afterAll(async () => {
	await session.close();
	await fake.stop();
});

const codes = (count: number) => Array.from({ length: count }, () => ({ suffix_code: `V-${(number += 1)}` }));

async function addTemplates(...variants: number[]): Promise<number[]> {
	const unit = await client.one('product.uom', [['symbol', '=', 'u']], ['id']);
	const values = variants.map((count) => ({
		name: 'Tent',
		default_uom: unit['id'],
		list_price: decimal('10'),
		products: [['create', codes(count)]]
	}));
	return client.call<number[]>('product.template.create', values);
}

/** All records of a template, of both kinds. */
async function recordsOf(template: number) {
	const ids = await client.call<number[]>('product.product.search', [['template', '=', template]]);
	const keys = ids.map((id) => ({ id: String(template), variantId: String(id) }));
	return [...(await products.read(keys)), ...(await parents.read([{ id: String(template), variantId: '' }]))];
}

async function all(next: (cursor: string | null) => Promise<Page>): Promise<ExternalRecord[]> {
	const records: ExternalRecord[] = [];
	let cursor: string | null = null;
	do {
		const page: Page = await next(cursor);
		records.push(...page.records);
		cursor = page.next;
	} while (cursor !== null);
	return records;
}

const carries = ({ fields, shownOnly = [] }: ExternalRecord, name: string) =>
	name in fields && !shownOnly.includes(name);

describe('what variants share', () => {
	it.each([1, 2, 3])('is carried by one record, with %i of them', async (count) => {
		const [template = 0] = await addTemplates(count);
		const records = await recordsOf(template);
		expect(records).toHaveLength(count === 1 ? 1 : count + 1);
		for (const field of ['name', 'price', 'category']) {
			expect(records.every(({ fields }) => field in fields)).toBe(true);
			expect(records.filter((record) => carries(record, field))).toHaveLength(1);
		}
	});

	it('counts archived variants: their template is no other one without them', async () => {
		const [template = 0] = await addTemplates(2);
		const [first] = await client.call<number[]>('product.product.search', [['template', '=', template]]);
		await client.write('product.product', first ?? 0, { active: false });
		expect(await recordsOf(template)).toHaveLength(3);
	});
});

describe('the second variant of a template', () => {
	it('shows up with the first one and with their parent among the changes', async () => {
		const [template = 0] = await addTemplates(1);
		await fake.pass(1000);
		const [alone] = await recordsOf(template);
		const since = new Date(Date.parse(alone!.stamp!) + 500).toISOString();
		expect(await all((cursor) => products.changes!(since, cursor))).toEqual([]);
		await client.create('product.product', { template, ...codes(1)[0] });
		const changed = await all((cursor) => products.changes!(since, cursor));
		expect(changed.map(({ id, shownOnly }) => [id, shownOnly])).toEqual([
			[String(template), ['name', 'price', 'category']],
			[String(template), ['name', 'price', 'category']]
		]);
		expect(await all((cursor) => parents.changes!(since, cursor))).toMatchObject([{ id: String(template) }]);
	});
});

describe('parents among many templates with one variant each', () => {
	it('are listed and found among the changes behind pages without any', async () => {
		const before = new Date(Date.UTC(2026, 10, 28, 15)).toISOString();
		await addTemplates(...Array.from({ length: 230 }, () => 1));
		const [last = 0] = await addTemplates(2);
		expect((await all((cursor) => parents.list(cursor))).map(({ id }) => id)).toContain(String(last));
		expect((await all((cursor) => parents.changes!(before, cursor))).map(({ id }) => id)).toContain(String(last));
		expect((await all((cursor) => parents.list(cursor))).every(({ variantId }) => variantId === '')).toBe(true);
	});
});
