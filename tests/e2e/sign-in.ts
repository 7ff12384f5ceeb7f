import { expect, request, type BrowserContext, type Page } from '@playwright/test';

export type Role = 'viewer' | 'operator' | 'administrator';
type Account = { email: string; password: string };
type Cookies = Parameters<BrowserContext['addCookies']>[0];

const password = 'browser-test-password';
const sessions = new Map<Role, Promise<Cookies>>();

/** The demo's own administrator. */
export function administrator(): Account {
	return { email: process.env['ADMIN_EMAIL'] ?? '', password: process.env['ADMIN_PASSWORD'] ?? '' };
}

/**
 * Opens `path` as somebody with this role, in a session that the tests of a worker share. A role other than the demo's
 * administrator gets an account of its own. Do not sign out of it: see `signInByForm`.
 */
export async function signIn(page: Page, path = '/', role: Role = 'administrator'): Promise<void> {
	const session = sessions.get(role) ?? openSession(role);
	sessions.set(role, session);
	await page.context().addCookies(await session);
	await page.goto(path);
	await expect(page.getByRole('button', { name: 'Sign out', includeHidden: true }).first()).toBeAttached();
}

/** Signs the administrator in as a person does, in a session of its own, and lands on `path`. */
export async function signInByForm(page: Page, path = '/', account = administrator()): Promise<void> {
	await page.goto(`/login?returnTo=${encodeURIComponent(path)}`);
	await page.getByLabel('E-mail').fill(account.email);
	await page.getByLabel('Password').fill(account.password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page).toHaveURL((url) => `${url.pathname}${url.search}` === path);
}

async function openSession(role: Role): Promise<Cookies> {
	if (role === 'administrator') return cookiesOf(administrator());
	const account = { email: `${role}@example.com`, password };
	const baseURL = process.env['WEB_URL'] ?? '';
	const asAdministrator = await request.newContext({
		baseURL,
		extraHTTPHeaders: { origin: baseURL, accept: 'text/html' }
	});
	await asAdministrator.post('/login', { form: administrator(), maxRedirects: 0 });
	// Refused where another worker made the account already.
	await asAdministrator.post('/settings/users?/add', { form: { ...account, name: role, role }, maxRedirects: 0 });
	await asAdministrator.dispose();
	return cookiesOf(account);
}

async function cookiesOf(account: Account): Promise<Cookies> {
	const baseURL = process.env['WEB_URL'] ?? '';
	const api = await request.newContext({ baseURL, extraHTTPHeaders: { origin: baseURL, accept: 'text/html' } });
	const reply = await api.post('/login', { form: account, maxRedirects: 0 });
	expect(reply.status(), `signing in as ${account.email}`).toBe(303);
	const { cookies } = await api.storageState();
	await api.dispose();
	return cookies;
}
