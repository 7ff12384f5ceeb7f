import { expect, test } from '@playwright/test';
import { signIn } from './sign-in.ts';

test('a message leaves by itself, or when it is dismissed', async ({ page }) => {
	await page.clock.install();
	await signIn(page, '/channels');
	await page.getByRole('link', { name: 'Shop', exact: true }).first().click();
	await page.getByRole('button', { name: 'Pause Shop' }).click();
	const message = page.getByText('Shop is paused.');
	await expect(message).toBeVisible();
	await page.getByRole('button', { name: 'Dismiss' }).click();
	await expect(message).toBeHidden();

	await page.getByRole('button', { name: 'Resume Shop' }).click();
	const other = page.getByText('Shop runs again.');
	await expect(other).toBeVisible();
	await page.mouse.move(0, 0);
	// What the page loads anew meanwhile does not make it stay.
	const loaded = page.waitForResponse('**/__data.json*');
	await page.clock.runFor(6_000);
	await loaded;
	await expect(other).toBeVisible();
	await page.clock.runFor(5_000);
	await expect(other).toBeHidden();
});

test('a page that keeps itself fresh does not drop the click on a link that takes long', async ({ page }) => {
	await page.clock.install();
	await signIn(page, '/channels');
	await page.getByRole('link', { name: 'Shop', exact: true }).first().click();
	await expect(page.getByRole('heading', { level: 1, name: 'Shop' })).toBeVisible();
	let letThrough = () => {};
	const held = new Promise<void>((resolve) => (letThrough = resolve));
	await page.route('**/links/__data.json*', async (route) => {
		await held;
		await route.continue();
	});
	const asked = page.waitForRequest('**/links/__data.json*');
	await page.getByRole('link', { name: 'Links', exact: true }).click();
	await asked;
	await page.clock.runFor(12_000);
	letThrough();
	await expect(page).toHaveURL(/\/links$/);
});
