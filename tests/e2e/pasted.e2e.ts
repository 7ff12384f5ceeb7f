import { expect, test } from '@playwright/test';
import { freshCode, newProduct } from './own-records.ts';
import { signIn } from './sign-in.ts';

for (const tag of ['', ' @no-js']) {
	test(`pasted codes are all that a list shows, and what is not found is named${tag}`, async ({ page }) => {
		await signIn(page);
		const [one, other, unknown] = [freshCode(), freshCode(), freshCode()];
		for (const value of [one, other]) await newProduct(page, { value, name: `Pasted ${value}` });
		await page.goto('/channels/1/unlinked?entity=product&side=internal');

		// Three interactions: open, paste, show.
		await page.locator('summary').filter({ hasText: 'Paste codes or ids' }).click();
		await page.getByLabel('Codes or ids, one a line').fill(`${one}\n${other.toLowerCase()}\n${unknown}\n`);
		await page.getByRole('button', { name: 'Show only these' }).click();

		await expect(page.getByText('3 pasted · 2 here · 0 in the other lists · 1 not found')).toBeVisible();
		await expect(page).toHaveURL(/[?&]list=\d+/);
		await expect(page.getByText(`Pasted ${one}`)).toBeVisible();
		await expect(page.getByText(`Pasted ${other}`)).toBeVisible();
		await expect(page.locator('tbody tr')).toHaveCount(2);
		await page.getByText('Show what was not found').click();
		await expect(page.getByRole('listitem').filter({ hasText: unknown })).toBeVisible();

		await page.getByRole('link', { name: 'Show all again' }).click();
		await expect(page).not.toHaveURL(/list=/);
		await expect(page.getByText('Paste codes or ids')).toBeVisible();
	});
}
