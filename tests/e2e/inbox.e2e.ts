import { expect, test } from '@playwright/test';
import { postForm } from './own-records.ts';
import { signIn } from './sign-in.ts';

for (const tag of ['', ' @no-js']) {
	test(`a conflict is resolved field by field, and leaves the inbox${tag}`, async ({ page }) => {
		await signIn(page, '/inbox?kind=conflicts');
		await page
			.getByRole('link', { name: /^Resolve / })
			.first()
			.click();
		const address = new URL(page.url()).pathname;
		const choice = page.getByRole('heading', { name: /needs? your choice/ });
		await expect(choice).toBeVisible();
		await expect(page.getByRole('radio', { checked: true })).toHaveCount(0);
		await page.getByRole('button', { name: 'Apply', exact: true }).click();
		await expect(page.getByText('Choose a value for at least one field.')).toBeVisible();
		for (const ours of await page.locator('input[type=radio][value=internal]').all()) await ours.check();
		await page.getByRole('button', { name: 'Apply', exact: true }).click();
		await expect(page.getByText(/fields? resolved/)).toBeVisible();
		await expect(choice).toHaveCount(0);
		await page.goto('/inbox?kind=conflicts');
		await expect(page.locator(`a[href^="${address}#"]`)).toHaveCount(0);
	});

	test(`what a rule settled can be turned round${tag}`, async ({ page }) => {
		await signIn(page, '/inbox?kind=settled&channel=1');
		const before = await page.getByRole('button', { name: /^Use the other value/ }).count();
		await page
			.getByRole('button', { name: /^Use the other value/ })
			.first()
			.click();
		await expect(page.getByText(/^The other value is back/)).toBeVisible();
		await expect(page.getByRole('button', { name: /^Use the other value/ })).toHaveCount(before - 1);
	});

	test(`problems are grouped by cause, with what to do${tag}`, async ({ page }) => {
		await signIn(page, '/inbox?kind=problems');
		const group = page
			.getByRole('listitem')
			.filter({ has: page.getByRole('heading', { name: 'The channel refuses the values' }) });
		await group.getByRole('link', { name: /^Show these/ }).click();
		await expect(page.getByRole('cell', { name: 'Set aside' }).first()).toBeVisible();
		await expect(page.getByRole('cell', { name: /^Missing in/ })).toHaveCount(0);
		await page
			.getByRole('link', { name: /^Open / })
			.first()
			.click();
		await expect(page.getByRole('button', { name: 'Retry', exact: true })).toBeVisible();
	});
}

test('values that moved while a person chose: told so, choices kept, nothing overwritten', async ({ page }) => {
	await signIn(page, '/inbox?kind=conflicts');
	await page
		.getByRole('link', { name: /^Resolve / })
		.last()
		.click();
	await expect(page.getByRole('button', { name: 'Apply', exact: true })).toBeVisible();
	const ours = page.locator('input[type=radio][value=internal]').first();
	await ours.check();
	// As if our record had been another revision when the page was shown.
	await page.locator('input[name=internalRev]').evaluate((input: HTMLInputElement) => (input.value = '0'));
	await page.getByRole('button', { name: 'Apply', exact: true }).click();
	await expect(page.getByText('Somebody changed a value while you chose')).toBeVisible();
	await expect(ours).toBeChecked();
	const path = new URL(page.url()).pathname;
	const refused = await postForm(page, `${path}?/resolve`, {
		'choice.name': 'both',
		internalRev: '1',
		externalVersion: ''
	});
	expect(refused.status()).toBe(400);
	expect(await refused.text()).toContain('choose one of the two values');
});
