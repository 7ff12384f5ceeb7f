import { expect, test, type Page } from '@playwright/test';
import { signIn } from './sign-in.ts';

// First of all specs by its name: the others change what is counted here.

const card = (page: Page, title: string) =>
	page.locator('section', { has: page.getByRole('heading', { name: title, exact: true }) });

/** The number that stands before each status word of an entity's card. */
async function statusCounts(page: Page, title: string): Promise<Record<string, number>> {
	const counts: Record<string, number> = {};
	for (const item of await card(page, title).getByRole('list').first().getByRole('listitem').all()) {
		const [number = '', ...words] = (await item.innerText()).split(/\s+/).filter((word) => word !== '');
		counts[words.join(' ')] = Number(number);
	}
	return counts;
}

test('the screens show the story of Nordhang Outdoor, number by number', async ({ page }) => {
	await signIn(page, '/channels');
	await page.getByRole('link', { name: 'ERP', exact: true }).first().click();
	await expect(page.getByRole('heading', { name: 'ERP', level: 1 })).toBeVisible();
	await expect
		.poll(() => statusCounts(page, 'Products'), { timeout: 15_000 })
		.toMatchObject({
			'In sync': 190,
			Conflict: 6,
			'Set aside': 2,
			'Missing in ERP': 2
		});
	await expect
		.poll(() => statusCounts(page, 'Business partners'), { timeout: 15_000 })
		.toMatchObject({
			'In sync': 42,
			Conflict: 2,
			'Set aside': 1,
			'Missing in ERP': 1
		});
	await expect(card(page, 'Products')).toContainText('32 suggestions');

	await page.getByRole('link', { name: 'Not linked' }).click();
	const tabs = page.getByRole('navigation', { name: /not linked/i });
	await expect(tabs.getByRole('link')).toHaveText([/36/, /36/, /4/, /0/]);

	await page
		.getByRole('link', { name: /^Suggestions/ })
		.first()
		.click();
	const rows = page.getByRole('list', { name: 'Suggestions, best first' }).getByRole('link');
	await expect(rows).toHaveCount(32);
	await expect(rows.getByText('100 %')).toHaveCount(24);
	await expect(page.getByRole('link', { name: 'Accept all exact and unique (24)' })).toBeVisible();
	await page.goto('/channels/1/go-live/product/push');
	await expect(page.getByText('24 pairs look the same and are not linked yet')).toBeVisible();
	await page.getByRole('link', { name: 'Look at them' }).click();
	await expect(page.getByRole('heading', { name: '24 exact and unique suggestions' })).toBeVisible();

	await page.goto('/inbox');
	await expect(page.getByRole('link', { name: /^Conflicts/ })).toContainText('8');
	await page.goto('/channels');
	await page.getByRole('link', { name: 'Shop', exact: true }).first().click();
	await expect(page.getByRole('heading', { name: 'Shop', level: 1 })).toBeVisible();
	await expect.poll(() => statusCounts(page, 'Products'), { timeout: 15_000 }).toMatchObject({ 'In sync': 120 });
});
