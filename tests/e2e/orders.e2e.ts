import { execFileSync } from 'node:child_process';
import { expect, test, type Locator, type Page } from '@playwright/test';
import postgres from 'postgres';
import { afterRuns } from './after-runs.ts';
import { freshCode, newProduct } from './own-records.ts';
import { signIn } from './sign-in.ts';

type Sql = ReturnType<typeof postgres>;

let work: Sql;
let shopUrl = '';
test.beforeAll(async () => {
	const url = execFileSync(process.execPath, ['src/launch.mjs', 'db-url'], { encoding: 'utf8' }).trim();
	work = postgres(url, { max: 1, onnotice: () => undefined });
	const [shop] = await work<{ url: string }[]>`select settings ->> 'baseUrl' as url from c_channel where name = 'Shop'`;
	shopUrl = shop?.url ?? '';
});
test.afterAll(() => work.end());

/** Somebody buys at the Shop, on its own page; answers the number of the order. */
async function buy(page: Page, buyer: string, lines: string, total: string): Promise<string> {
	const number = freshCode();
	await page.goto(`${shopUrl}/page/orders/new`);
	await page.getByLabel('Number').fill(number);
	await page.getByLabel('Customer').fill(buyer);
	await page.getByLabel(/^Lines/).fill(lines);
	await page.getByLabel(/^Total/).fill(total);
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('Saved.')).toBeVisible();
	return number;
}

/** What the next runs of the Shop's orders bring to this page. */
const arrives = (page: Page, path: string, what: Locator) =>
	afterRuns(page, what.first(), { channel: '2', entity: 'sales-order', path });

const linkTo = (page: Page, number: string) => page.getByRole('link', { name: number, exact: true });

for (const tag of ['', ' @no-js']) {
	test(`an order is taken over with its lines, and nobody is asked to make one by hand${tag}`, async ({ page }) => {
		await signIn(page);
		const number = await buy(page, 'Inger Bech', '70002 2 45.50', '91.00');
		await arrives(page, `/records/sales-order?q=${number}`, linkTo(page, number));
		await expect(page.getByRole('link', { name: /^New / })).toHaveCount(0);
		await linkTo(page, number).click();
		await expect(page.getByText('Inger Bech').first()).toBeVisible();
		await expect(page.getByRole('cell', { name: /45[.,]5/ })).toBeVisible();
		await page.goto('/records/sales-order/new');
		await expect(page.getByRole('heading', { name: 'Sales orders are not made here' })).toBeVisible();
	});
}

test('an order waits for its product, comes once that is linked, and asks where the Shop changes it', async ({
	page
}) => {
	await signIn(page);
	const code = freshCode();
	const reply = await page.request.post(`${shopUrl}/products`, {
		data: { code, title: `Bought ${code}` },
		headers: { authorization: 'Bearer demo-shop-key' }
	});
	const { uid } = (await reply.json()) as { uid: string };
	// What waits says the code of what it waits for where that was seen before.
	const products = { channel: '2', entity: 'product', path: `/channels/2/unlinked?side=external&q=${code}` };
	await afterRuns(page, page.getByText(code).first(), products);
	const number = await buy(page, 'Mads Toft', `${uid} 1 10.00`, '10.00');
	await arrives(page, '/inbox?kind=awaiting', page.getByText(`Waits for product ${code} to be linked in Shop.`));

	const id = await newProduct(page, { value: freshCode(), name: `Ours of ${code}` });
	await page.goto(`/records/product/${id}/channels`);
	const shop = page.locator('section', { has: page.getByRole('heading', { name: 'Shop', exact: true }) });
	await shop.getByText('Find another').click();
	await shop.getByRole('searchbox').fill(code);
	await shop.getByRole('button', { name: 'Search' }).click();
	await shop.getByRole('button', { name: `Link with ${code}` }).click();
	await expect(page.getByText(`Linked with ${uid}.`)).toBeVisible();
	await arrives(page, `/records/sales-order?q=${number}`, linkTo(page, number));

	await page.goto(`${shopUrl}/page/orders?q=${number}`);
	await page.getByRole('link', { name: number }).click();
	await page.getByLabel(/^State/).fill('cancelled');
	await page.getByRole('button', { name: 'Save' }).click();
	await arrives(page, '/inbox?kind=conflicts', page.getByRole('link', { name: new RegExp(number) }));
});

test('an order that does not come to its total is held, saying both sums', async ({ page }) => {
	await signIn(page);
	await buy(page, 'Lise Krag', '70003 3 11.11', '33.34');
	await arrives(page, '/inbox?kind=awaiting', page.getByText(/come to 33\.33, but the order's total is 33\.34\./));
});
