import { expect, test, type Locator, type Page } from '@playwright/test';
import { freshCode, newErpProduct, newProduct } from './own-records.ts';
import { signIn } from './sign-in.ts';

const afterReloads = (page: Page, what: Locator) =>
	expect(async () => {
		await page.reload();
		await expect(what).toBeVisible({ timeout: 500 });
	}).toPass({ timeout: 40_000 });

/** Adds a channel to the demo ERP, as far as the step that asks which records take part. */
async function addChannel(page: Page, name: string): Promise<string> {
	await page.goto('/channels/new?type=rest');
	await page.getByLabel('Channel', { exact: true }).selectOption({ label: 'ERP' });
	const copied = page.getByRole('region', { name: 'Start from a channel you have' });
	await copied.getByRole('button', { name: 'Fill in' }).click();
	await expect(page.getByLabel('Address')).toHaveValue(process.env['ERP_URL'] ?? '');
	await page.getByLabel('Name of the channel').fill(name);
	await page.getByRole('button', { name: 'Continue' }).click();
	await page.getByLabel('Key', { exact: true }).fill('demo-erp-key');
	await page.getByRole('button', { name: 'Save and test' }).click();
	await page.getByRole('link', { name: 'Choose records' }).click();
	await expect(page.getByRole('checkbox', { name: /^Products/ })).toBeVisible();
	for (const others of await page.getByRole('checkbox', { name: /^(?!Products)/ }).all()) await others.uncheck();
	await page.getByRole('button', { name: 'Start the first comparison' }).click();
	await expect(page).toHaveURL(/\/setup\/scope$/);
	return /channels\/(\d+)/.exec(page.url())?.[1] ?? '';
}

async function addCondition(page: Page, side: string, code: string) {
	const group = page.getByRole('group', { name: side, exact: true });
	await group.getByRole('button', { name: 'Add a condition' }).click();
	await group.getByLabel('Field of condition 1').selectOption({ label: 'SKU' });
	await group.getByLabel('Comparison of condition 1').selectOption({ label: 'starts with' });
	await group.getByLabel('Value of condition 1').fill(code);
}

for (const tag of ['', ' @no-js']) {
	test(`a scope is set in the guided set-up; what is out of it is neither suggested nor created${tag}`, async ({
		page
	}) => {
		test.slow();
		await signIn(page, '/channels');
		const [code, name] = [freshCode(), `Scoped ERP${tag === '' ? '' : ' without scripts'}`];
		const [inside, outside] = [`${code}-A`, `OUT-${code}-A`];
		for (const value of [inside, outside]) {
			await newProduct(page, { value, name: `Ours ${value}`, price: '5.00', currency: 'EUR' });
			await newErpProduct(page, { sku: value, name: `Theirs ${value}`, price: '5.00' });
		}
		await newErpProduct(page, { sku: `${code}-N`, name: `New ${code}`, price: '5.00' });
		await newErpProduct(page, { sku: `OUT-${code}-N`, name: `New OUT ${code}`, price: '5.00' });

		const channelId = await addChannel(page, name);
		await addCondition(page, 'Our products', code);
		await addCondition(page, `${name}: products`, code);
		const shown = page.getByRole('group', { name: 'Our products', exact: true });
		await expect(shown.getByLabel('Value of condition 1')).toHaveValue(code);
		await page.getByRole('button', { name: 'Show what this means' }).click();
		const counts = page.getByRole('row').filter({ hasText: 'Our products' });
		await expect(counts.getByRole('cell').first()).toHaveText('1');
		await expect(page.getByText('No link has a record that is out of scope.')).toBeVisible();
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await expect(page.getByText('Saved. The next run looks for matches anew.')).toBeVisible();
		await page.getByRole('link', { name: 'Continue to the first comparison' }).click();
		await expect(page).toHaveURL(/\/setup\/first-run$/);

		await afterReloads(page, page.getByRole('link', { name: 'Review suggestions' }));
		await expect(page.getByRole('listitem').filter({ hasText: 'of ours are out of scope' })).toBeVisible();
		await page.goto(`/channels/${channelId}/suggestions?entity=product`);
		await expect(page.locator('#main')).toContainText(inside);
		await expect(page.locator('#main')).not.toContainText(outside);
		await page.goto(`/channels/${channelId}/unlinked?entity=product&q=${outside}`);
		await expect(page.locator('tbody')).toHaveCount(0);
		const all = page.url();
		await page.getByRole('link', { name: /^Ours, out of scope/ }).click();
		await expect(page).not.toHaveURL(all);
		const kept = new URL(page.url());
		kept.searchParams.set('q', outside);
		await page.goto(kept.href);
		await expect(page.getByRole('row').filter({ hasText: outside })).toHaveCount(1);

		await page.goto(`/channels/${channelId}/go-live/product/pull`);
		await page.getByRole('button', { name: `Go live From ${name}` }).click();
		await expect(page).not.toHaveURL(/go-live/);
		await page.goto(`/channels/${channelId}/rules/product`);
		await page.locator('input[name=autoCreateInternal]').check();
		await page.getByRole('button', { name: 'Save rules' }).click();
		await expect(page.getByText('Saved. The next run follows the new rules.')).toBeVisible();
		await page.goto(`/records/product?q=${code}-N`);
		await afterReloads(page, page.getByRole('row').filter({ hasText: `New ${code}` }));
		await expect(page.getByRole('row').filter({ hasText: 'New OUT' })).toHaveCount(0);

		// By hand it goes, after the page said so.
		await page.goto(`/records/product?q=${outside}`);
		await page.getByRole('link', { name: outside }).click();
		await expect(page).toHaveURL(/\/records\/product\/\d+/);
		await page.goto(`${page.url().replace(/\/channels.*$/, '')}/channels?channel=${channelId}&find=${outside}`);
		const card = page.locator(`#channel-${channelId}`);
		await expect(card).toContainText(`Out of scope in ${name}`);
		await card.getByRole('button', { name: new RegExp(`^Link with .*${outside}`) }).click();
		await expect(page.getByText('Our record is out of scope.').first()).toBeVisible();
		await card.getByRole('button', { name: 'Link anyway' }).click();
		await expect(page.getByText('The two are compared next; nothing is overwritten.')).toBeVisible();

		await page.goto(`/channels/${channelId}/settings`);
		await page.getByLabel(`Type ${name} to delete it`).fill(name);
		await page.getByRole('button', { name: 'Delete this channel' }).click();
		await expect(page.getByText(`${name} is deleted.`)).toBeVisible();
	});
}
