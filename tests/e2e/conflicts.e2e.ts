import { expect, test } from '@playwright/test';
import { postForm } from './own-records.ts';
import { signIn } from './sign-in.ts';

const conflicts = '/inbox?kind=conflicts';

test('in the grid a field is decided in its row, and one click applies the page', async ({ page }) => {
	await signIn(page, `${conflicts}&field=product.name`);
	const rows = page.getByRole('main').locator('tbody tr');
	const before = await rows.count();
	const decided = rows.first().getByRole('link').first();
	const record = await decided.innerText();
	await page.getByRole('button', { name: 'Apply choices' }).click();
	await expect(page.getByText('Choose a value for at least one field.')).toBeVisible();
	await rows
		.first()
		.getByRole('radio', { name: /^Ours for/ })
		.check();
	await expect(page.getByText('1 chosen')).toBeVisible();
	// Somebody else's edit of another row is no reason to refuse this one; a forged look at a row is.
	const seen = await rows.nth(1).locator('input[name^="seen."]').getAttribute('name');
	await rows
		.nth(1)
		.getByRole('radio', { name: /^Ours for/ })
		.check();
	await page.locator(`input[name="${seen}"]`).evaluate((input: HTMLInputElement) => (input.value = 'product:another'));
	await page.getByRole('button', { name: 'Apply choices' }).click();
	await expect(page.getByText(/^1 resolved\. 1 changed while you looked and stay open: /)).toBeVisible();
	await expect(rows).toHaveCount(before - 1);
	await expect(page.getByRole('link', { name: record, exact: true })).toHaveCount(0);
	await expect(rows.first()).toContainText('Changed while you looked');
	const forged = await postForm(page, '/inbox?/applyChoices', { 'choice.1': 'both', 'seen.1': 'product:x' });
	expect(forged.status()).toBe(400);
});

test('on the page of one conflict, i then Enter takes all of ours and goes on to the next', async ({ page }) => {
	await signIn(page, `${conflicts}&field=product.price`);
	await page
		.getByRole('link', { name: /^Resolve / })
		.first()
		.click();
	await expect(page.getByRole('button', { name: 'Apply and next' })).toBeVisible();
	await page.waitForLoadState('networkidle');
	const here = new URL(page.url()).pathname;
	await page.keyboard.press('i');
	await page.keyboard.press('Enter');
	await expect(page.getByText(/fields? resolved/)).toBeVisible();
	await expect(page).not.toHaveURL((url) => url.pathname === here);
	await expect(page.getByRole('button', { name: 'Apply and next' })).toBeVisible();
});

test('one answer for all conflicts of a field, through a preview: two clicks @no-js', async ({ page }) => {
	await signIn(page, conflicts);
	const field = page.locator('select[name=field]');
	const option = field.locator('option').last();
	const [value, words] = [(await option.getAttribute('value')) ?? '', await option.innerText()];
	const n = /\((\d+)\)$/.exec(words)?.[1] ?? '';
	await field.selectOption(value);
	await page.getByRole('button', { name: 'Show' }).click();
	await expect(page.getByRole('main').locator('tbody tr')).toHaveCount(Number(n));
	await page.getByRole('link', { name: `Take ours for all ${n}` }).click();
	await expect(page.getByRole('heading', { level: 1, name: `Take ours for ${n}` })).toBeVisible();
	await expect(page.getByRole('columnheader', { name: 'Given up' })).toBeVisible();
	await page.getByRole('button', { name: `Take ours for ${n}` }).click();
	await expect(page.getByText(new RegExp(`^${n} fields? resolved`))).toBeVisible();
	await page.goto(`${conflicts}&field=${value}`);
	await expect(page.getByText('No conflicts')).toBeVisible();
});
