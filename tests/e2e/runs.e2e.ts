import { expect, test } from '@playwright/test';
import { signIn } from './sign-in.ts';

const finished = /Done/;

for (const tag of ['', ' @no-js']) {
	test(`a run is started from the channel and followed to its end${tag}`, async ({ page }) => {
		await signIn(page, '/channels', 'operator');
		await page.getByRole('link', { name: 'ERP', exact: true }).first().click();
		await page.getByRole('button', { name: 'Compare everything: Business partners with ERP' }).click();
		await expect(page).toHaveURL(/\/runs\/\d+$/);
		await expect(page.getByRole('heading', { level: 1 })).toHaveText('ERP: Business partners, Full compare');
		// With scripts by the stream of events, without them by a page that loads itself again.
		const state = page.locator('header').filter({ has: page.getByRole('heading', { level: 1 }) });
		await expect(state).toContainText(finished, { timeout: 25_000 });
		await expect(page.getByText('Started by')).toBeVisible();
		await expect(page.getByText('operator@example.com').last()).toBeVisible();
		await page.goto('/runs');
		await expect(page.getByRole('row').filter({ hasText: 'operator@example.com' }).first()).toContainText(
			'Full compare'
		);
	});

	test(`activity is filtered by channel and state${tag}`, async ({ page }) => {
		await signIn(page, '/runs');
		await page.getByRole('combobox', { name: 'State' }).selectOption({ label: 'Failed' });
		if (tag !== '') await page.getByRole('button', { name: 'Show', exact: true }).click();
		await expect(page).toHaveURL(/state=failed/);
		// By role: the chart of problems, there from its second hour on, keeps a table of its own folded away.
		const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
		await expect(rows.first()).toBeVisible();
		for (const text of await rows.locator('td[data-label="State"]').allInnerTexts()) expect(text.trim()).toBe('Failed');
		await page.getByRole('link', { name: 'Clear' }).click();
		await expect(page).toHaveURL(/\/runs$/);
	});
}

test('the page of a run lives: its state changes without loading again', async ({ page }) => {
	await signIn(page, '/channels', 'operator');
	await page.getByRole('link', { name: 'ERP', exact: true }).first().click();
	await page.getByRole('button', { name: 'Compare everything: Products with ERP' }).click();
	await expect(page).toHaveURL(/\/runs\/\d+$/);
	await page.evaluate(() => Object.assign(window, { samePage: true }));
	const state = page.locator('header').filter({ has: page.getByRole('heading', { level: 1 }) });
	await expect(state).toContainText(finished, { timeout: 25_000 });
	expect(await page.evaluate(() => 'samePage' in window)).toBe(true);
	await expect(page.getByRole('button', { name: 'Run again' })).toBeVisible();
});

test('a run with problems says each cause once, with what to do, and lists the records', async ({ page }) => {
	await signIn(page, '/runs?state=partial');
	await page.locator('tbody tr').filter({ hasText: 'Products' }).getByRole('link').first().click();
	const causes = page.getByRole('region', { name: 'Problems by cause' });
	await expect(causes).toContainText('longer than 60 characters');
	const items = page.getByRole('region', { name: 'Records' });
	await items.getByRole('link').first().click();
	await expect(page).toHaveURL(/\/links\/product\/\d+$/);
});

test('events of a run are for people who are signed in', async ({ request }) => {
	const reply = await request.get('/runs/1/events', { maxRedirects: 0 });
	expect(reply.status()).toBe(303);
});
