import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { freshCode, newErpProduct, newProduct, postForm } from './own-records.ts';
import { signIn } from './sign-in.ts';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const accessible = async (page: Page) =>
	expect((await new AxeBuilder({ page }).include('#main').withTags(rules).analyze()).violations).toEqual([]);
const afterReloads = (page: Page, what: Locator) =>
	expect(async () => {
		await page.reload();
		await expect(what).toBeVisible({ timeout: 500 });
	}).toPass({ timeout: 40_000 });

for (const tag of ['', ' @no-js']) {
	test(`from nothing to live: set up, tested, compared, first contact settled, live, deleted${tag}`, async ({
		page
	}) => {
		test.slow();
		const js = tag === '';
		const [code, name] = [freshCode(), `Second ERP${js ? '' : ' without scripts'}`];
		let steps = 0;
		const click = async (what: Locator) => {
			steps++;
			await what.click();
		};
		await signIn(page, '/channels');
		const record = await newProduct(page, { value: code, name: `Ours ${code}`, price: '5.00', currency: 'EUR' });
		await newErpProduct(page, { sku: code, name: `Theirs ${code}`, price: '5.00' });

		await click(page.getByRole('link', { name: 'Add channel' }));
		if (js) await accessible(page);
		await click(page.getByRole('link', { name: 'Choose REST' }));
		await page.getByLabel('Channel', { exact: true }).selectOption({ label: 'ERP' });
		const copied = page.getByRole('region', { name: 'Start from a channel you have' });
		await click(copied.getByRole('button', { name: 'Fill in' }));
		await expect(page.getByLabel('Address')).toHaveValue(process.env['ERP_URL'] ?? '');
		if (js) await accessible(page);
		await click(page.getByRole('button', { name: 'Continue' }));
		await expect(page.getByText('Enter a name.')).toBeVisible();
		await page.getByLabel('Name of the channel').fill(name);
		await click(page.getByRole('button', { name: 'Continue' }));

		await expect(page).toHaveURL(/\/channels\/\d+\/setup\/credentials$/);
		const [, channelId = ''] = /channels\/(\d+)/.exec(page.url()) ?? [];
		await page.getByLabel('Key').fill('not-the-key');
		await click(page.getByRole('button', { name: 'Save and test' }));
		await expect(page.getByText('Not everything works yet')).toBeVisible();
		await expect(page.getByRole('listitem').filter({ hasText: 'Address' })).toContainText('works');
		await expect(page.getByRole('listitem').filter({ hasText: /^\s*Credentials/ })).toContainText(
			/failed.*Renew the key/s
		);
		await page.getByLabel('Key').fill('demo-erp-key');
		await click(page.getByRole('button', { name: 'Save and test' }));
		await expect(page.getByText(`${name} can be used`)).toBeVisible();
		expect(await page.content()).not.toContain('demo-erp-key');
		if (js) await accessible(page);
		await click(page.getByRole('link', { name: 'Choose records' }));
		await expect(page.getByRole('checkbox', { name: /^Products/ })).toBeVisible();
		for (const others of await page.getByRole('checkbox', { name: /^(?!Products)/ }).all()) await others.uncheck();
		if (js) await accessible(page);
		await expect(page.getByText('The next step can narrow down which take part.')).toBeVisible();
		const start = page.getByRole('button', { name: 'Start the first comparison' });
		const asked = Promise.withResolvers<void>();
		// Held back, so that the pressed button is seen at work.
		if (js) await page.route(/\/setup\/records\?\/add/, (route) => asked.promise.then(() => route.continue()));
		await click(start);
		if (js) await expect(start).toHaveAttribute('aria-busy', 'true');
		asked.resolve();
		await expect(page).toHaveURL(/\/setup\/scope$/);
		if (js) await accessible(page);
		await click(page.getByRole('link', { name: 'Continue to the first comparison' }));
		await expect(page).toHaveURL(/\/setup\/first-run$/);
		await expect(page.getByText('Watching: nothing is written yet')).toBeVisible();
		await afterReloads(page, page.getByRole('link', { name: 'Review suggestions' }));
		await expect(page.getByRole('listitem').filter({ hasText: `records in ${name}` })).toContainText(/\d{2,}/);
		if (js) await accessible(page);
		// Five pages, two tries of the key and a missing name included.
		expect(steps).toBe(10);

		await page.goto('/');
		await expect(page.getByRole('heading', { name: `Set up ${name}` })).toBeVisible();
		await expect(page.getByText('4 of 7 steps done')).toBeVisible();

		await page.goto(`/records/product/${record}/channels`);
		const card = page.locator(`#channel-${channelId}`);
		await card.getByRole('button', { name: `Link with ${code}` }).click();
		await expect(page.getByText('Linked. The two are compared next; nothing is overwritten.')).toBeVisible();
		steps = 0;
		await page.goto(`/channels/${channelId}/first-contact/product`);
		const row = page.getByRole('row').filter({ hasText: `Theirs ${code}` });
		await afterReloads(page, row);
		if (js) await accessible(page);
		await page.getByLabel('For all links that differ in Name').selectOption({ label: `${name} wins` });
		await click(page.getByRole('button', { name: 'Preview' }));
		const chosen = page.getByRole('row').filter({ hasText: `${name} wins` });
		await expect(chosen.getByRole('cell').nth(2)).toHaveText('1');
		if (js) await accessible(page);
		await click(page.getByRole('button', { name: 'Settle 1 value' }));
		await expect(page.getByText('Settled for 1 link.')).toBeVisible();
		expect(steps).toBe(2);

		await page.goto(`/channels/${channelId}/go-live/product/pull`);
		await afterReloads(page, page.getByRole('listitem').filter({ hasText: /^\s*1\s*links have changes/ }));
		await page.getByRole('button', { name: `Go live From ${name}` }).click();
		await expect(page.getByText('Live. What waited follows with the next run.')).toBeVisible();
		await page.goto(`/records/product/${record}`);
		await expect(async () => {
			await page.reload();
			await expect(page.getByLabel('Name', { exact: true })).toHaveValue(`Theirs ${code}`, { timeout: 500 });
		}).toPass({ timeout: 40_000 });
		await page.goto('/');
		await expect(page.getByRole('heading', { name: `Set up ${name}` })).toHaveCount(0);

		await page.goto(`/channels/${channelId}/settings`);
		await page.getByLabel(`Type ${name} to delete it`).fill('ERP');
		await page.getByRole('button', { name: 'Delete this channel' }).click();
		await expect(page.getByRole('alert')).toContainText('That is not the name of this channel.');
		await page.getByLabel(`Type ${name} to delete it`).fill(name);
		await page.getByRole('button', { name: 'Delete this channel' }).click();
		await expect(page.getByText(`${name} is deleted. 1 link is archived.`)).toBeVisible();
		expect((await page.request.get(`/channels/${channelId}`)).status()).toBe(404);
		await page.goto(`/records/product/${record}/activity`);
		await expect(page.getByText(`${name} (deleted, ${channelId})`).first()).toBeVisible();
	});
}

test('set-up is for administrators: others are refused, by the page and by its form', async ({ page }) => {
	await signIn(page, '/channels', 'operator');
	await expect(page.getByRole('link', { name: 'Add channel' })).toHaveCount(0);
	for (const path of [
		'/channels/new',
		'/channels/1/setup/credentials',
		'/channels/1/setup/records',
		'/channels/1/setup/scope'
	])
		expect((await page.request.get(path)).status()).toBe(403);
	const forms: [string, Record<string, string>][] = [
		['/channels/new?/create', { type: 'rest', name: 'Mine' }],
		['/channels/1/setup/credentials?/test', { 'credential.key': 'x' }],
		['/channels/1/setup/records?/add', { entity: 'product' }],
		['/channels/1/setup/scope?/save', { entity: 'product', previewed: '{}' }],
		['/channels/1/scope/product?/preview', {}],
		['/channels/1/settings?/settings', { name: 'Mine' }],
		['/channels/1/settings?/remove', { typedName: 'ERP' }]
	];
	for (const [path, form] of forms) expect((await postForm(page, path, form)).status(), path).toBe(403);
	await page.goto('/channels/1/settings');
	await expect(page.getByText('Danger zone')).toHaveCount(0);
});

test('what no page of ours sends is refused with a word and changes nothing', async ({ page }) => {
	await signIn(page, '/channels');
	const names = async () => page.locator('tbody th a').allTextContents();
	const before = await names();
	const big = 'x'.repeat(200_000);
	const forms: [string, Record<string, string>, number][] = [
		['/channels/new?/create', { type: 'no-such-kind', name: 'Mine' }, 400],
		['/channels/new?/create', { type: 'rest', name: '', 'setting.description': '{' }, 400],
		['/channels/new?/create', { type: 'rest', name: big, 'setting.baseUrl': 'javascript:alert(1)' }, 400],
		['/channels/new?/create', { type: 'rest', name: 'Mine', 'setting.description': '[]' }, 400],
		['/channels/1/setup/records?/add', {}, 400],
		['/channels/1/setup/records?/add', { entity: '../product' }, 400],
		['/channels/1/scope/product?/preview', { 'field.internal.0': 'nothing', 'operator.internal.0': 'is' }, 400],
		['/channels/1/scope/product?/preview', { 'field.internal.0': 'price', 'operator.internal.0': 'contains' }, 400],
		['/channels/1/scope/product?/save', { settingsRev: '1' }, 409],
		['/channels/1/scope/product?/save', { settingsRev: '-1', previewed: '{}' }, 409],
		['/channels/1/first-contact/product?/settle', { settingsRev: 'x', 'rule.name': 'internal-wins' }, 400],
		['/channels/1/first-contact/nothing?/settle', { settingsRev: '1' }, 404],
		['/channels/1/first-contact/product?/askAgain', { settingsRev: '-1', field: '__proto__' }, 400],
		['/channels/1/first-contact/product?/askAgain', { settingsRev: '-1', field: 'name' }, 409]
	];
	for (const [path, form, status] of forms) expect((await postForm(page, path, form)).status(), path).toBe(status);
	await page.reload();
	expect(await names()).toEqual(before);
});
