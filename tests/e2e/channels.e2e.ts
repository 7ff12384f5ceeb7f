import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { signIn } from './sign-in.ts';

async function openChannel(page: Page, name: string): Promise<string> {
	await signIn(page, '/channels');
	await page.getByRole('link', { name, exact: true }).first().click();
	await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
	return new URL(page.url()).pathname;
}

for (const tag of ['', ' @no-js']) {
	test(`a channel is paused, which is undone at once${tag}`, async ({ page }) => {
		await openChannel(page, 'Shop');
		await page.getByRole('button', { name: 'Pause Shop' }).click();
		await expect(page.getByText('Nothing is fetched, compared or written until it is resumed.')).toBeVisible();
		await expect(page.getByRole('button', { name: 'Resume Shop' })).toBeVisible();
		await page.getByRole('button', { name: 'Undo' }).click();
		await expect(page.getByText('Shop runs again.')).toBeVisible();
		await expect(page.getByRole('button', { name: 'Pause Shop' })).toBeVisible();
	});

	test(`a direction goes back to watching, and live again by way of its plan${tag}`, async ({ page }) => {
		const channel = await openChannel(page, 'Shop');
		// The last run is a link too, and may say "6 min ago".
		const byStatus = page.getByRole('region', { name: 'Products', exact: true }).locator('a[href*="status="]');
		const links = (await byStatus.allInnerTexts()).reduce((sum, text) => sum + Number.parseInt(text), 0);
		expect(links).toBeGreaterThanOrEqual(120);
		await page.getByRole('button', { name: 'Back to watching: From Shop, Products' }).click();
		await expect(page.getByText('Watching again.')).toBeVisible();
		await page.getByRole('link', { name: 'Go live: From Shop, Products' }).click();
		await expect(page.getByRole('heading', { name: 'Go live: From Shop, Products' })).toBeVisible();
		await expect(page.getByRole('listitem').filter({ hasText: 'links in all' })).toHaveText(`${links} links in all`);
		// Looking at the plan arms nothing.
		await page.goto(channel);
		await page.getByRole('link', { name: 'Go live: From Shop, Products' }).click();
		await page.getByRole('button', { name: 'Go live From Shop' }).click();
		await expect(page).toHaveURL(new RegExp(`${channel}$`));
		await expect(page.getByRole('button', { name: 'Back to watching: From Shop, Products' })).toBeVisible();
	});

	test(`an edit that comparing timestamps alone would have lost is counted and listed with what happened instead${tag}`, async ({
		page
	}) => {
		const channel = await openChannel(page, 'ERP');
		await page.goto(`${channel}/links?entity=product&status=in-sync`);
		const row = page.locator('tbody tr').nth(tag === '' ? 20 : 21);
		const [code, externalId] = [
			await row.getByRole('link').innerText(),
			await row.getByRole('cell').nth(2).innerText()
		];
		await row.getByRole('link').click();
		await expect(page.getByRole('heading', { name: 'Both sides now' })).toBeVisible();
		const record = await page.getByRole('link', { name: code, exact: true }).getAttribute('href');

		// While nothing runs, the price changes in the ERP and then the name here: ours is the newer record.
		await page.goto(channel);
		await page.getByRole('button', { name: 'Pause ERP' }).click();
		await expect(page.getByRole('button', { name: 'Resume ERP' })).toBeVisible();
		const price = tag === '' ? '1234.56' : '6543.21';
		const changed = await page.request.patch(`${process.env['ERP_URL']}/products/${externalId}`, {
			data: { price },
			headers: { authorization: 'Bearer demo-erp-key' }
		});
		expect(changed.ok()).toBe(true);
		await page.goto(record ?? '');
		const name = page.getByLabel('Name', { exact: true });
		await name.fill(`${await name.inputValue()}, edited`);
		await page.getByRole('button', { name: 'Save' }).click();
		await expect(page.getByText('Saved.')).toBeVisible();
		await page.goto(channel);
		await page.getByRole('button', { name: 'Resume ERP' }).click();

		const listed = page.getByRole('row').filter({ hasText: code }).filter({ hasText: 'Received from ERP' });
		await expect(async () => {
			await page.goto(`${channel}/timestamps`);
			await expect(listed).toContainText(/Price.*1,?234\.56|Price.*6,?543\.21/, { timeout: 1000 });
		}).toPass({ timeout: 30_000 });
		await expect(listed).toContainText('In ERP');
		if (tag === '') expect((await new AxeBuilder({ page }).include('#main').analyze()).violations).toEqual([]);
		await page.goto(channel);
		await expect(
			page.getByText(/^Comparing timestamps alone would have lost \d+ edits? in the last 30 days\.$/)
		).toBeVisible();
		await page.getByRole('link', { name: 'See these edits' }).click();
		await listed.getByRole('link', { name: `Why: Price of ${code}` }).click();
		await expect(page.locator('li:target')).toContainText('Price');
	});

	test(`rules of a channel: what is wrong is said at its field, what is right is kept${tag}`, async ({ page }) => {
		const channel = await openChannel(page, 'Shop');
		await page.goto(`${channel}/rules/product`);
		const seconds = page.getByLabel('Seconds between runs');
		const before = await seconds.inputValue();
		const cron = page.getByLabel('Cron expression');
		await page.getByLabel('At times of the day').check();
		await cron.fill('99 99 * * *');
		await page.getByRole('button', { name: 'Save rules' }).click();
		await expect(page.getByText('This is not a valid cron expression.')).toBeVisible();
		await expect(cron).toHaveValue('99 99 * * *');

		await page.getByLabel('At an interval').check();
		await seconds.fill('6');
		await page.getByLabel('Direction of Description').selectOption({ label: 'Only to Shop' });
		await page.getByLabel('Rule of Price when both sides changed').selectOption({ label: 'Ours wins' });
		await seconds.press('Enter');
		await expect(page.getByText('Saved. The next run follows the new rules.')).toBeVisible();
		await page.goto(`${channel}/rules/product`);
		await expect(seconds).toHaveValue('6');
		await expect(page.getByLabel('Direction of Description')).toHaveValue('to-channel');
		await expect(page.getByLabel('Rule of Price when both sides changed')).toHaveValue('internal-wins');

		await seconds.fill(before);
		await page.getByLabel('Direction of Description').selectOption({ label: 'Both ways' });
		await page.getByLabel('Rule of Price when both sides changed').selectOption('');
		await page.getByRole('button', { name: 'Save rules' }).click();
		await expect(page.getByText('Saved. The next run follows the new rules.')).toBeVisible();
	});
}

test('a field that the channel only tells can be received or left out, and the page says why', async ({ page }) => {
	const channel = await openChannel(page, 'Shop');
	await page.goto(`${channel}/rules/sales-order`);
	const ways = (field: string) => page.getByLabel(`Direction of ${field}`, { exact: true }).locator('option');
	await expect(ways('Total')).toHaveText(['Only from Shop', 'Not synced']);
	await expect(page.getByRole('row', { name: /^Total/ })).toContainText('Shop tells its value and takes none.');
	await expect(ways('Status')).toHaveText(['Both ways', 'Only to Shop', 'Only from Shop', 'Not synced']);
});

test('a rule that is chosen before the scripts of the page are there is what gets saved', async ({ page }) => {
	const channel = await openChannel(page, 'Shop');
	let sendScripts = () => {};
	const mayLoad = new Promise<void>((resolve) => (sendScripts = resolve));
	await page.route(/\.js$/, async (route) => {
		await mayLoad;
		await route.continue();
	});
	await page.goto(`${channel}/rules/product`, { waitUntil: 'commit' });
	const rule = page.getByLabel('When a new link is compared');
	await rule.selectOption('external-wins');
	sendScripts();
	await page.waitForLoadState('networkidle');
	await expect(rule).toHaveValue('external-wins');
	await page.getByRole('button', { name: 'Save rules' }).click();
	await expect(page.getByText('Saved. The next run follows the new rules.')).toBeVisible();
	await page.reload();
	await expect(rule).toHaveValue('external-wins');
	await rule.selectOption({ label: 'Ask me' });
	await page.getByRole('button', { name: 'Save rules' }).click();
	await expect(page.getByText('Saved. The next run follows the new rules.')).toBeVisible();
});

test('two people edit the same rules: the second is told, and nothing is overwritten', async ({ page, context }) => {
	const channel = await openChannel(page, 'Shop');
	const other = await context.newPage();
	for (const each of [page, other]) await each.goto(`${channel}/rules/product`);
	await other.getByLabel('When a new link is compared').selectOption({ label: 'Fill blanks only' });
	await other.getByRole('button', { name: 'Save rules' }).click();
	await expect(other.getByText('Saved. The next run follows the new rules.')).toBeVisible();
	await page.getByLabel('When a new link is compared').selectOption({ label: 'Ours wins' });
	await page.getByRole('button', { name: 'Save rules' }).click();
	await expect(page.getByRole('alert')).toContainText('Somebody');
	await other.reload();
	await expect(other.getByLabel('When a new link is compared')).toHaveValue('fill-blanks');
	await other.getByLabel('When a new link is compared').selectOption({ label: 'Ask me' });
	await other.getByRole('button', { name: 'Save rules' }).click();
	await expect(other.getByText('Saved. The next run follows the new rules.')).toBeVisible();
});

test('wrong credentials are named with their remedy; the right ones are replaced and never shown', async ({ page }) => {
	const channel = await openChannel(page, 'Shop');
	const replace = async (key: string) => {
		await page.goto(`${channel}/settings`);
		await page.getByLabel('Key', { exact: true }).fill(key);
		await page.getByRole('button', { name: 'Replace' }).click();
		await expect(page.getByText('Credentials replaced.')).toBeVisible();
		await page.getByRole('button', { name: 'Test connection' }).click();
	};
	await replace('a-wrong-key');
	await expect(page.getByRole('alert')).toContainText('The test failed');
	await expect(page.getByRole('alert')).toContainText(/renew/i);
	await replace('demo-shop-key');
	await expect(page.getByText('The channel answers and accepts the credentials.')).toBeVisible();
	await page.goto(`${channel}/settings`);
	await expect(page.getByText(/^Replaced .* by .*@/)).toBeVisible();
	expect(await page.content()).not.toContain('demo-shop-key');
});

test('users: one is added, signs in, gets another role and is removed; the last administrator stays', async ({
	page,
	browser
}) => {
	const email = 'newcomer@example.com';
	await signIn(page, '/settings/users');
	const form = page.locator('form[action="?/add"]');
	await form.getByLabel('E-mail').fill(email);
	await form.getByLabel('Name').fill('New Comer');
	await form.getByLabel('First password').fill('short');
	await form.getByRole('button', { name: 'Add user' }).click();
	await expect(form.getByText('Use at least 10 characters.')).toBeVisible();
	await form.getByLabel('First password').fill('long enough, this one');
	await form.getByRole('button', { name: 'Add user' }).click();
	await expect(page.getByText(`${email} can sign in now.`)).toBeVisible();

	const theirs = await browser.newPage();
	await theirs.goto('/login');
	await theirs.getByLabel('E-mail').fill(email);
	await theirs.getByLabel('Password').fill('long enough, this one');
	await theirs.getByRole('button', { name: 'Sign in' }).click();
	await expect(theirs.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();

	const row = page.getByRole('row').filter({ hasText: email });
	await row.getByLabel(`Role of ${email}`).selectOption({ label: 'Viewer' });
	await row.getByRole('button', { name: 'Change' }).click();
	await expect(page.getByText(`${email} is now Viewer.`)).toBeVisible();
	await row.getByText('More').click();
	await row.getByRole('button', { name: `Remove ${email}` }).click();
	await expect(page.getByText(`${email} is removed and signed out.`)).toBeVisible();
	await theirs.goto('/channels');
	await expect(theirs).toHaveURL(/\/login/);
	await theirs.close();

	const own = page.getByRole('row').filter({ hasText: '(you)' });
	await own.getByRole('combobox').selectOption({ label: 'Viewer' });
	await own.getByRole('button', { name: 'Change' }).click();
	await expect(page.getByRole('alert')).toContainText('This is the last administrator');
});
