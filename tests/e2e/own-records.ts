import { expect, type Page } from '@playwright/test';

const erpKey = { authorization: 'Bearer demo-erp-key' };
let made = 0;

/** A code that no other test uses. */
export function freshCode(): string {
	made++;
	return `E2E-${Date.now().toString(36)}-${made}`.toUpperCase();
}

/** Posts a form as a browser without scripts does; redirects are not followed. */
export function postForm(page: Page, path: string, form: Record<string, string>) {
	const origin = process.env['WEB_URL'] ?? '';
	return page.request.post(path, { form, headers: { origin, accept: 'text/html' }, maxRedirects: 0 });
}

/** Creates a product of ours through the form, as whoever is signed in; returns its id. */
export async function newProduct(
	page: Page,
	fields: { value: string; name: string; price?: string; currency?: string }
): Promise<string> {
	const reply = await postForm(page, '/records/product/new?/create', { price: '', ...fields, is_active: 'on' });
	const [, id = ''] = /^\/records\/product\/(\d+)\//.exec(reply.headers()['location'] ?? '') ?? [];
	expect(id).not.toBe('');
	return id;
}

/** Creates a product in the demo ERP; returns its id there. */
export async function newErpProduct(
	page: Page,
	fields: { sku: string; name: string; price?: string }
): Promise<string> {
	const reply = await page.request.post(`${process.env['ERP_URL']}/products`, { data: fields, headers: erpKey });
	expect(reply.ok()).toBe(true);
	const { id } = (await reply.json()) as { id: string | number };
	return String(id);
}

/** Changes a product in the demo ERP, as somebody who works there. */
export async function changeErpProduct(page: Page, id: string, fields: Record<string, string>): Promise<void> {
	const reply = await page.request.patch(`${process.env['ERP_URL']}/products/${id}`, { data: fields, headers: erpKey });
	expect(reply.ok()).toBe(true);
}

/** What the demo ERP holds of a product. */
export async function erpProduct(page: Page, id: string): Promise<{ price: string } & Record<string, unknown>> {
	const reply = await page.request.get(`${process.env['ERP_URL']}/products/${id}`, { headers: erpKey });
	expect(reply.ok()).toBe(true);
	return (await reply.json()) as { price: string } & Record<string, unknown>;
}

/** Deletes a product in the demo ERP, as somebody who works there. */
export async function removeErpProduct(page: Page, id: string): Promise<void> {
	const reply = await page.request.delete(`${process.env['ERP_URL']}/products/${id}`, { headers: erpKey });
	expect(reply.ok()).toBe(true);
}
