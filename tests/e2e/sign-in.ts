import { expect, request, type Page } from '@playwright/test';

export type Role = 'viewer' | 'operator' | 'administrator';

const password = 'browser-test-password';
const created = new Set<string>();

/** The demo's own administrator. */
export function administrator(): { email: string; password: string } {
	return { email: process.env['ADMIN_EMAIL'] ?? '', password: process.env['ADMIN_PASSWORD'] ?? '' };
}

/** Signs in through the form, with or without scripts, and lands on `path`. A role other than the demo's administrator gets an account of its own. */
export async function signIn(page: Page, path = '/', role: Role = 'administrator'): Promise<void> {
	const who = role === 'administrator' ? administrator() : await accountOf(role);
	await page.goto(`/login?returnTo=${encodeURIComponent(path)}`);
	await page.getByLabel('E-mail').fill(who.email);
	await page.getByLabel('Password').fill(who.password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page).toHaveURL(new RegExp(`${escaped(path)}$`));
}

async function accountOf(role: Role): Promise<{ email: string; password: string }> {
	const account = { email: `${role}@example.com`, password };
	if (created.has(role)) return account;
	const baseURL = process.env['WEB_URL'] ?? '';
	const api = await request.newContext({ baseURL, extraHTTPHeaders: { origin: baseURL, accept: 'text/html' } });
	await api.post('/login', { form: { ...administrator() }, maxRedirects: 0 });
	// Refused where an earlier run made the account already.
	await api.post('/settings/users?/add', { form: { ...account, name: role, role }, maxRedirects: 0 });
	await api.dispose();
	created.add(role);
	return account;
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
