import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { signIn } from './sign-in.ts';

async function openSettings(page: Page, name: string): Promise<string> {
	await signIn(page, '/channels');
	await page.getByRole('link', { name, exact: true }).first().click();
	await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
	const channel = new URL(page.url()).pathname;
	await page.goto(`${channel}/settings`);
	return channel;
}

const sheet = {
	checkedAt: '2026-11-28T09:30:00Z',
	entities: {
		product: {
			stampMovedBy: ['name'],
			stampNotMovedBy: ['price'],
			stampResolutionMs: 1000,
			changesComplete: false,
			pagingStable: true
		}
	}
};

for (const tag of ['', ' @no-js']) {
	test(`settings say in words what a channel is connected to and what keeps edits safe there${tag}`, async ({
		page
	}) => {
		await openSettings(page, 'ERP');
		const connection = page.getByRole('region', { name: 'Connection' });
		await expect(connection).toContainText(/How the key is sent\s*Bearer token/);
		await expect(connection).toContainText('A write never overwrites an edit it has not seen: ERP refuses it');
		await expect(page.getByRole('region', { name: 'Credentials' }).getByLabel('Key', { exact: true })).toBeVisible();

		await openSettings(page, 'Shop');
		await expect(connection).toContainText('Not guarded: the last write wins there');
		await expect(connection).toContainText('At risk: an edit of the same field');
		await expect(page.getByText('No check was made yet')).toBeVisible();
	});

	test(`what a check found is on screen, with what is not relied on because of it${tag}`, async ({ page }) => {
		const channel = await openSettings(page, 'Shop');
		const description = page.getByLabel('Description of the API');
		const before = await description.inputValue();
		const save = async (text: string) => {
			await page.goto(`${channel}/settings`);
			await description.fill(text);
			await page.getByRole('button', { name: 'Save settings' }).click();
			await expect(page.getByText('Saved. Test the connection now.')).toBeVisible();
		};
		await page.goto(channel);
		const products = page.getByRole('region', { name: 'Products', exact: true });
		await expect(products.getByText(/^24 h \d+ min: what its list of changes does not show/)).toBeVisible();

		await save(JSON.stringify({ ...(JSON.parse(before) as object), trust: sheet }));
		const trust = page.getByRole('region', { name: 'What Shop can be trusted with' });
		const row = (what: string) => trust.getByRole('row').filter({ hasText: what });
		await expect(row('Its list of changes shows')).toContainText(/No.*each run compares everything/s);
		await expect(row('The time of a record moves')).toContainText(/No\s*not by Amount.*a person is asked/s);
		await expect(row('Its list shows every record once')).toContainText(/Yes\s*–/);
		await expect(row('found again by our reference')).toContainText('Not tried');
		await expect(trust.locator('time')).toHaveAttribute('datetime', sheet.checkedAt);
		if (tag === '') expect((await new AxeBuilder({ page }).include('#main').analyze()).violations).toEqual([]);
		await page.goto(channel);
		await expect(products.getByText('Shop has no list of changes, so each run compares everything')).toBeVisible();

		await save(before);
		await expect(page.getByText('No check was made yet')).toBeVisible();
	});
}
