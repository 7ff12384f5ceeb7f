import { expect, test, type Page } from '@playwright/test';
import { changeErpProduct, erpProduct, freshCode, newProduct } from './own-records.ts';
import { signIn } from './sign-in.ts';

// On a demo of its own: other stories tick steps too, and this one makes trouble and lets products be created in the ERP.

const erp = () => process.env['ERP_URL'] ?? '';

const step = (page: Page, name: RegExp) => page.locator('#guide li', { has: page.getByRole('heading', { name }) });

/** The step is ticked by what happened, without anybody telling the page. */
async function ticked(page: Page, name: RegExp): Promise<void> {
	await expect(async () => {
		await page.goto('/');
		await expect(step(page, name)).toContainText('Done:', { timeout: 2_000 });
	}).toPass({ timeout: 45_000 });
}

/** Id here and in the ERP of the product that a step proposes. */
async function proposed(page: Page, name: RegExp): Promise<{ here: string; there: string }> {
	await page.goto('/');
	const address = async (link: RegExp) =>
		(await step(page, name).getByRole('link', { name: link }).getAttribute('href')) ?? '';
	return { here: await address(/ here$/), there: (await address(/ in ERP/)).split('/').at(-1) ?? '' };
}

async function save(page: Page, record: string, field: string | RegExp, value: string): Promise<void> {
	await page.goto(record);
	await page.getByLabel(field, typeof field === 'string' ? { exact: true } : {}).fill(value);
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('Saved.')).toBeVisible();
}

async function trouble(page: Page, name: string, code?: string): Promise<void> {
	await page.goto(`${erp()}/page/faults`);
	if (code !== undefined) await page.getByLabel('Code of the record').fill(code);
	await page.getByRole('button', { name: `Start: ${name}` }).click();
	await expect(page.getByRole('button', { name: `End: ${name}` })).toBeVisible();
}

/** What the ERP's clock says. */
async function erpTimeMs(page: Page): Promise<number> {
	const reply = await page.request.get(`${erp()}/page/faults`);
	return Date.parse(reply.headers()['x-server-time'] ?? '');
}

async function pauseErp(page: Page, press: 'Pause' | 'Resume'): Promise<string> {
	await page.goto('/channels');
	await page.getByRole('link', { name: 'ERP', exact: true }).first().click();
	await page.getByRole('button', { name: `${press} ERP` }).click();
	await expect(page.getByRole('button', { name: `${press === 'Pause' ? 'Resume' : 'Pause'} ERP` })).toBeVisible();
	return new URL(page.url()).pathname;
}

test('the guided path is ticked by what really happens', async ({ page }) => {
	test.setTimeout(360_000);
	await signIn(page);
	await expect(page.locator('#guide')).toContainText('of 7');

	const first = await proposed(page, /Change a price in ERP/);
	await changeErpProduct(page, first.there, { price: '71.50' });
	await ticked(page, /Change a price in ERP/);
	await step(page, /Change a price in ERP/)
		.getByRole('link', { name: /See what happened/ })
		.click();
	await expect(page.getByRole('heading', { name: 'History' })).toBeVisible();

	const second = await proposed(page, /name here and the price there/);
	await save(page, second.here, 'Name', 'Guided name');
	await changeErpProduct(page, second.there, { price: '72.50' });
	await ticked(page, /name here and the price there/);
	await page.goto(second.here);
	await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Guided name');
	await expect(page.getByLabel(/^Price/)).toHaveValue('72.50');

	const third = await proposed(page, /same price on both sides/);
	const channel = await pauseErp(page, 'Pause');
	await save(page, third.here, /^Price/, '73.10');
	// Farther apart than the clocks of the two are uncertain: the newer one wins.
	const saved = await erpTimeMs(page);
	await expect.poll(async () => (await erpTimeMs(page)) - saved).toBeGreaterThan(1_000);
	await changeErpProduct(page, third.there, { price: '73.90' });
	await pauseErp(page, 'Resume');
	const settled = page.getByRole('listitem').filter({ hasText: '73.90' });
	await expect(async () => {
		await page.goto('/inbox?kind=settled');
		await expect(settled).toBeVisible({ timeout: 2_000 });
	}).toPass({ timeout: 45_000 });
	await settled.getByRole('button', { name: /^Use the other value for Price/ }).click();
	await ticked(page, /same price on both sides/);
	await expect.poll(async () => (await erpProduct(page, third.there)).price, { timeout: 45_000 }).toMatch(/^73\.10/);

	await trouble(page, 'Empty listing');
	await page.goto(channel);
	await page.getByRole('button', { name: 'Compare everything: Products with ERP' }).click();
	await ticked(page, /list nothing/);
	await page.goto('/inbox?kind=held');
	await expect(page.getByText(/records were not in the listing/)).toBeVisible();
	await page.getByRole('button', { name: /^Discard: / }).click();
	await expect(page.getByText(/^Discarded: nothing was changed\./)).toBeVisible();
	await page.goto(`${erp()}/page/faults`);
	await page.getByRole('button', { name: 'End: Empty listing' }).click();

	await page.goto(`${channel}/rules/product`);
	await page.locator('input[name=autoCreateExternal]').check();
	await page.getByRole('button', { name: 'Save rules' }).click();
	await expect(page.getByText('Saved. The next run follows the new rules.')).toBeVisible();
	// Other products that are missing there are created meanwhile, and have nothing to do with it.
	const code = freshCode();
	await trouble(page, 'Lose the reply of the next create', code);
	await newProduct(page, { value: code, name: 'Guided creation', price: '5' });
	await ticked(page, /Lose the reply/);
	await page.goto(`${erp()}/page/products?q=${code}`);
	await expect(page.getByRole('link', { name: code })).toHaveCount(1);

	await page.goto('/');
	await step(page, /Change a price in ERP/)
		.getByRole('link', { name: /See what happened/ })
		.click();
	await page
		.getByRole('button', { name: /^Give Price back/ })
		.first()
		.click();
	await expect(page.getByText('The earlier value is back')).toBeVisible();
	await ticked(page, /give it back/);
});
