import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { signIn } from './sign-in.ts';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const pages = [
	'/',
	'/channels',
	'/channels/1',
	'/channels/new?type=rest',
	'/channels/1/setup/first-run',
	'/channels/1/first-contact/product',
	'/channels/1/rules/product',
	'/channels/1/scope/product',
	'/channels/1/setup/scope',
	'/channels/1/settings',
	'/channels/1/values',
	'/channels/1/unlinked?entity=product-category&side=internal',
	'/channels/1/go-live/product/push',
	'/inbox?kind=awaiting',
	'/records/warehouse',
	'/records/sales-order',
	'/records/sales-order/new',
	'/runs',
	'/runs/jobs',
	'/channels/1/links?entity=product&select=all',
	'/channels/1/links/bulk?entity=product&kind=pull&upto=999999&q=&status=',
	'/settings/profile',
	'/settings/users',
	'/settings/fields',
	'/settings/tokens',
	'/settings/audit',
	'/no-such-page'
];

for (const colorScheme of ['light', 'dark'] as const) {
	test(`pages of channels, runs and settings are accessible and run no blocked script (${colorScheme})`, async ({
		page
	}) => {
		test.slow();
		const complaints: string[] = [];
		page.on('console', (message) => {
			if (/Content Security Policy|hydrat/i.test(message.text())) complaints.push(message.text());
		});
		page.on('pageerror', (error) => complaints.push(error.message));
		await page.emulateMedia({ colorScheme });
		await page.goto('/login');
		const found = [await violations(page, '/login')];
		await signIn(page);
		for (const path of pages) {
			await page.goto(path);
			await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
			found.push(await violations(page, path));
		}
		await page.goto('/runs');
		await page.locator('tbody').getByRole('link').first().click();
		await expect(page).toHaveURL(/\/runs\/\d+$/);
		found.push(await violations(page, 'a run'));
		expect(found.flat()).toEqual([]);
		expect(complaints).toEqual([]);
	});
}

test('at 320 px no page scrolls sideways, and the menu opens @no-js', async ({ page }) => {
	await page.setViewportSize({ width: 320, height: 640 });
	await signIn(page);
	const wide: string[] = [];
	for (const path of pages) {
		await page.goto(path);
		const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
		if (overflow > 0) wide.push(`${path}: ${overflow} px`);
	}
	expect(wide).toEqual([]);
	await page.goto('/');
	const link = page.getByRole('link', { name: 'Activity', exact: true });
	await expect(link).toBeHidden();
	await page.locator('summary').filter({ hasText: 'Menu' }).click();
	await link.click();
	await expect(page.getByRole('heading', { level: 1, name: 'Activity' })).toBeVisible();
});

test('the chosen appearance is there from the first byte, on every page', async ({ page }) => {
	await signIn(page, '/settings/profile');
	await page.getByLabel('Dark').check();
	await page.getByRole('button', { name: 'Save', exact: true }).click();
	await expect(page.getByText('Saved.')).toBeVisible();
	const reply = await page.request.get('/runs');
	expect(await reply.text()).toContain('<html lang="en" class="dark">');
	const background = await page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
	expect(background).toBe('rgb(14, 16, 20)');
});

async function violations(page: Parameters<typeof signIn>[0], path: string): Promise<string[]> {
	// The dark theme changes nothing but colours.
	const dark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
	const axe = new AxeBuilder({ page });
	const { violations: found } = await (dark ? axe.withRules('color-contrast') : axe.withTags(rules)).analyze();
	return found.map(
		({ id, nodes }) =>
			`${path}: ${id} ${nodes
				.map(({ target }) => target.join(' '))
				.slice(0, 3)
				.join(' | ')}`
	);
}
