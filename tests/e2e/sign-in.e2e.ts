import { expect, test } from '@playwright/test';
import { administrator, signIn, signInByForm } from './sign-in.ts';

for (const tag of ['', ' @no-js']) {
	test(`a wrong password and an unknown account read the same; the right one leads to the page that was asked for${tag}`, async ({
		page
	}) => {
		const { email, password } = administrator();
		await page.goto('/channels?x=1');
		await expect(page).toHaveURL(/\/login\?returnTo=%2Fchannels%3Fx%3D1$/);
		const refusals: string[] = [];
		for (const account of [email, 'nobody@example.com']) {
			await page.getByLabel('E-mail').fill(account);
			await page.getByLabel('Password').fill('not the password');
			await page.getByRole('button', { name: 'Sign in' }).click();
			const refusal = page.getByRole('alert');
			await expect(refusal).toBeVisible();
			refusals.push(await refusal.innerText());
			await expect(page.getByLabel('E-mail')).toHaveValue(account);
			await expect(page.getByLabel('Password')).toHaveValue('');
			await page.goto('/login?returnTo=%2Fchannels%3Fx%3D1');
		}
		expect(refusals[0]).toBe('E-mail or password is wrong.');
		expect(refusals[1]).toBe(refusals[0]);

		await page.getByLabel('E-mail').fill(email);
		await page.getByLabel('Password').fill(password);
		await page.getByRole('button', { name: 'Sign in' }).click();
		await expect(page).toHaveURL(/\/channels\?x=1$/);
		await expect(page.getByRole('heading', { level: 1, name: 'Channels' })).toBeVisible();
	});

	test(`signing out ends the session${tag}`, async ({ page }) => {
		await signInByForm(page, '/channels');
		const [cookie] = (await page.context().cookies()).filter(({ name }) => name.endsWith('session_token'));
		expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
		await page.getByRole('button', { name: 'Sign out' }).click();
		await expect(page).toHaveURL(/\/login$/);
		// The cookie of before opens nothing any more.
		if (cookie) await page.context().addCookies([cookie]);
		await page.goto('/channels');
		await expect(page).toHaveURL(/\/login\?/);
	});
}

test('a viewer is shown no buttons, and refused with a reason when sending the form anyway', async ({ page }) => {
	await signIn(page, '/channels', 'viewer');
	await page.getByRole('link', { name: 'ERP' }).first().click();
	await expect(page.getByRole('heading', { level: 1, name: 'ERP' })).toBeVisible();
	for (const name of ['Pause ERP', 'Sync now: Products with ERP', 'Test connection']) {
		await expect(page.getByRole('button', { name })).toHaveCount(0);
	}
	const channel = page.url();
	const reply = await page.request.post(`${channel}?/pause`, {
		form: {},
		headers: { origin: new URL(channel).origin, accept: 'text/html' }
	});
	expect(reply.status()).toBe(403);
	expect(await reply.text()).toContain('It needs the role Administrator; you are signed in as Viewer.');
	await page.reload();
	await expect(page.getByText('ERP is paused', { exact: true })).toHaveCount(0);
	await page.goto('/settings/users');
	await expect(page.getByRole('heading', { name: 'Your role does not allow this' })).toBeVisible();
});

test('signing in never leads to another host', async ({ page }) => {
	const { email, password } = administrator();
	for (const evil of ['//evil.example', '/\\evil.example', 'https://evil.example/']) {
		await page.context().clearCookies();
		await page.goto(`/login?returnTo=${encodeURIComponent(evil)}`);
		await page.getByLabel('E-mail').fill(email);
		await page.getByLabel('Password').fill(password);
		await page.getByRole('button', { name: 'Sign in' }).click();
		await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
		expect(new URL(page.url()).pathname).toBe('/');
	}
});

test('guessing is slowed down after a few tries, for one account from one address', async ({ request }) => {
	const origin = new URL(process.env['WEB_URL'] ?? '').origin;
	const guess = (email: string) =>
		request.post('/login', { form: { email, password: 'guess' }, headers: { origin, accept: 'text/html' } });
	const statuses: number[] = [];
	for (let tries = 0; tries < 10; tries++) statuses.push((await guess('guessed@example.com')).status());
	expect(statuses.slice(0, 8)).toEqual(Array(8).fill(400));
	expect(statuses.slice(8)).toEqual([429, 429]);
	expect((await guess('somebody-else@example.com')).status()).toBe(400);
});
