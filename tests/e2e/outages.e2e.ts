import http from 'node:http';
import { expect, test } from '@playwright/test';
import { startLonelyWeb, type LonelyWeb } from './lonely-web.ts';
import { administrator } from './sign-in.ts';

let web: LonelyWeb;

test.beforeAll(async () => {
	web = await startLonelyWeb();
});

test.afterAll(async () => {
	await web.end();
});

test.beforeEach(async ({ page }) => {
	const { email, password } = administrator();
	await page.goto(`${web.url}/login`);
	await page.getByLabel('E-mail').fill(email);
	await page.getByLabel('Password').fill(password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
});

for (const tag of ['', ' @no-js']) {
	test(`without an engine the pages still work, and say what does not${tag}`, async ({ page }) => {
		await expect(page.getByText('Sync engine unreachable')).toBeVisible();
		await page.goto(`${web.url}/channels`);
		await page.getByRole('link', { name: 'ERP', exact: true }).first().click();
		await expect(page.getByRole('heading', { level: 2, name: 'Products' })).toBeVisible();
		await page.getByRole('button', { name: 'Sync now: Products with ERP' }).click();
		await expect(page.getByRole('alert')).toContainText('The sync engine cannot be reached');
		await expect(page.getByRole('alert')).toContainText('Nothing was started');
	});

	test(`without a database the page says so, and comes back by itself${tag}`, async ({ page }) => {
		await page.goto(`${web.url}/channels`);
		await web.database.down();
		try {
			await page.goto(`${web.url}/runs`);
			await expect(page.getByRole('heading', { name: 'The database cannot be reached' })).toBeVisible();
		} finally {
			await web.database.up();
		}
		await expect(page.getByRole('heading', { level: 1, name: 'Activity' })).toBeVisible({ timeout: 15_000 });
	});
}

test('moving on inside an open page while the database is away says so too', async ({ page }) => {
	await page.goto(`${web.url}/runs`);
	await web.database.down();
	try {
		await page.getByRole('link', { name: 'Channels', exact: true }).click();
		await expect(page.getByRole('heading', { name: 'The database cannot be reached' })).toBeVisible();
	} finally {
		await web.database.up();
	}
	await expect(page.getByRole('heading', { level: 1, name: 'Channels' })).toBeVisible({ timeout: 15_000 });
});

test('an open page notices by itself that the engine answers again', async ({ page }) => {
	await expect(page.getByText('Sync engine unreachable')).toBeVisible();
	const engine = http.createServer((_, reply) => reply.writeHead(500).end('{}'));
	await new Promise<void>((resolve) => engine.listen(web.enginePort, '127.0.0.1', resolve));
	try {
		await expect(page.getByText('Sync engine unreachable')).toBeHidden({ timeout: 15_000 });
	} finally {
		engine.closeAllConnections();
		await new Promise((resolve) => engine.close(resolve));
	}
});
