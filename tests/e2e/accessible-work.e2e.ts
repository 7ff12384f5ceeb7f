import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { signIn } from './sign-in.ts';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const pages = [
	'/records/product',
	'/records/product/new',
	'/records/product/1',
	'/records/product/1/channels',
	'/records/product/1/channels?channel=1&find=tent',
	'/records/product/1/activity',
	'/channels/1/links',
	'/channels/1/unlinked',
	'/channels/1/unlinked?side=external',
	'/channels/1/unlinked?excluded=yes',
	'/channels/1/suggestions',
	'/channels/1/suggestions/exact?entity=product',
	'/channels/1/pair?entity=product',
	'/channels/1/conflicts',
	'/channels/1/timestamps',
	'/links/product/1',
	'/inbox?kind=conflicts',
	'/inbox/conflicts?take=internal',
	'/inbox?kind=problems',
	'/inbox?kind=held',
	'/inbox?kind=settled',
	'/inbox?kind=suggestions',
	'/search?q=tent'
];

for (const colorScheme of ['light', 'dark'] as const) {
	test(`pages of records, links and the inbox are accessible and run no blocked script (${colorScheme})`, async ({
		page
	}) => {
		test.slow();
		const complaints: string[] = [];
		page.on('console', (message) => {
			if (/Content Security Policy|hydrat/i.test(message.text())) complaints.push(message.text());
		});
		page.on('pageerror', (error) => complaints.push(error.message));
		await page.emulateMedia({ colorScheme });
		await signIn(page);
		const found: string[] = [];
		for (const path of pages) {
			await page.goto(path);
			await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
			const { violations } = await new AxeBuilder({ page }).include('#main').withTags(rules).analyze();
			found.push(...violations.map(({ id, nodes }) => `${path}: ${id} ${nodes[0]?.html ?? ''}`));
		}
		expect(found).toEqual([]);
		expect(complaints).toEqual([]);
	});
}

test('at 320 px none of them scrolls sideways @no-js', async ({ page }) => {
	await page.setViewportSize({ width: 320, height: 640 });
	await signIn(page);
	const wide: string[] = [];
	for (const path of pages) {
		await page.goto(path);
		const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
		if (overflow > 0) wide.push(`${path}: ${overflow} px`);
	}
	expect(wide).toEqual([]);
});
