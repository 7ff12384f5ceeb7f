import { expect, test } from '@playwright/test';
import { postForm } from './own-records.ts';
import { signIn } from './sign-in.ts';

const list = '/channels/1/links?entity=product&status=in-sync';

for (const tag of ['', ' @no-js']) {
	test(`ticked links are ended in one click more, and come back with another${tag}`, async ({ page }) => {
		await signIn(page, list, 'operator');
		const boxes = page.getByRole('checkbox', { name: /^Select (?!all)/ });
		const codes = await Promise.all([0, 1].map(async (row) => (await boxes.nth(row).getAttribute('aria-label')) ?? ''));
		const steps = [
			() => boxes.nth(0).check(),
			() => boxes.nth(1).check(),
			() => page.getByRole('button', { name: 'Unlink', exact: true }).click()
		];
		for (const step of steps) await step();
		await expect(page.getByText('2 links ended. No record was changed.')).toBeVisible();
		for (const name of codes) await expect(page.getByRole('checkbox', { name, exact: true })).toHaveCount(0);
		await page.getByRole('button', { name: 'Undo', exact: true }).click();
		await expect(page.getByText('2 links came back.')).toBeVisible();
		for (const name of codes) await expect(page.getByRole('checkbox', { name, exact: true })).toBeVisible();
	});

	test(`everything that matches is selected, shown first, ended, and undone later from Activity${tag}`, async ({
		page
	}) => {
		await signIn(page, list, 'operator');
		const box = page.getByRole('checkbox', { name: /^Select (?!all)/ }).last();
		const code = ((await box.getAttribute('aria-label')) ?? '').replace('Select ', '');
		await page.goto(`${list}&q=${encodeURIComponent(code)}`);
		const steps = [
			() => page.getByRole('link', { name: 'Select all links that match' }).click(),
			() => page.getByRole('button', { name: 'Unlink', exact: true }).click(),
			() => page.getByRole('button', { name: /^Unlink \d+ links?$/ }).click()
		];
		for (const step of steps.slice(0, 2)) await step();
		await expect(page.getByRole('cell', { name: 'Link ended' })).toBeVisible();
		await steps[2]?.();
		await expect(page.getByText(/^\d+ links? ended\. No record was changed\.$/)).toBeVisible();
		await page.goto('/runs/jobs');
		await page
			.getByRole('button', { name: /^Undo: bring \d+ links? back$/ })
			.first()
			.click();
		await expect(page.getByText(/^\d+ links? came back\.$/)).toBeVisible();
		await page.goto(`${list}&q=${encodeURIComponent(code)}`);
		await expect(page.getByRole('checkbox', { name: `Select ${code}`, exact: true })).toBeVisible();
	});
}

test('a viewer is offered nothing to do with many links, and refused', async ({ page }) => {
	await signIn(page, list, 'viewer');
	await expect(page.getByRole('table')).toBeVisible();
	await expect(page.getByRole('checkbox')).toHaveCount(0);
	const reply = await postForm(page, '/channels/1/links?/bulk', { kind: 'unlink', entity: 'product', link: '1' });
	expect(reply.status()).toBe(403);
	await page.goto('/channels/1/links/bulk?kind=unlink&entity=product&links=1');
	await expect(page.getByText('Your role does not allow this')).toBeVisible();
});

test('without a ticked row nothing is done, and it says so @no-js', async ({ page }) => {
	await signIn(page, list, 'operator');
	await page.getByRole('button', { name: 'Unlink', exact: true }).click();
	await expect(page.getByRole('alert')).toContainText('No row is ticked');
});
