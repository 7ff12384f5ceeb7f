import { expect, test } from '@playwright/test';
import { afterRuns, syncNow } from './after-runs.ts';
import { changeErpProduct, erpProduct, freshCode, newErpProduct, newProduct } from './own-records.ts';
import { signIn } from './sign-in.ts';

for (const [tag, label, name] of [
	['', 'Colour', 'colour'],
	[' @no-js', 'Material', 'material']
] as const) {
	test(`an administrator adds a field; it is synced both ways, removed and put back${tag}`, async ({ page }) => {
		test.slow();
		await signIn(page, '/settings/fields');
		await page.getByLabel('Label', { exact: true }).fill('price');
		await page.getByRole('button', { name: 'Add field' }).click();
		await expect(page.getByText('"price" has a meaning of its own here. Choose another name.')).toBeVisible();
		await page.getByLabel('Label', { exact: true }).fill(label);
		await page.getByRole('button', { name: 'Add field' }).click();
		await expect(page.getByText(`${label} is there.`)).toBeVisible();
		await expect(page.getByRole('cell', { name, exact: true })).toBeVisible();

		// The demo ERP has such a field, the shop does not.
		await page.goto('/channels/2/rules/product');
		await expect(page.getByRole('rowheader', { name: `${label} Shop has no such field.` })).toBeVisible();
		await page.goto('/channels/1/rules/product');
		await expect(page.getByRole('rowheader', { name: label, exact: true })).toBeVisible();

		const code = freshCode();
		const id = await newProduct(page, { value: code, name: `Tarp ${code}`, price: '12.50', currency: 'EUR' });
		const externalId = await newErpProduct(page, { sku: code, name: `Tarp ${code}`, price: '12.50' });
		await page.goto(`/records/product/${id}/channels?channel=1&find=${code}`);
		await page
			.getByRole('button', { name: `Link with ${code}` })
			.first()
			.click();
		await expect(page.getByText(/^Linked( with|\.)/)).toBeVisible();
		await page
			.getByRole('link', { name: /Review|Resolve/ })
			.first()
			.click();
		await expect(page).toHaveURL(/\/links\/product\/\d+/);
		await afterRuns(page, page.getByText('Compared with ERP: both sides agree'));
		const link = page.url();

		await page.goto(`/records/product/${id}`);
		await page.getByLabel(label).fill('sand');
		await page.getByRole('button', { name: 'Save' }).click();
		await expect(page.getByText('Saved.')).toBeVisible();
		await syncNow(page);
		await expect.poll(async () => (await erpProduct(page, externalId))[name], { timeout: 30_000 }).toBe('sand');
		await changeErpProduct(page, externalId, { [name]: 'moss' });
		await expect(async () => {
			await syncNow(page);
			await page.reload();
			await expect(page.getByLabel(label)).toHaveValue('moss', { timeout: 500 });
		}).toPass({ timeout: 30_000 });
		await page.goto(link);
		await expect(page.getByRole('listitem').filter({ hasText: label }).getByText('moss').first()).toBeVisible();

		await page.goto('/settings/fields');
		await page.getByRole('button', { name: `Remove ${label}` }).click();
		await expect(page.getByText(`${label} is not shown or synced any more.`)).toBeVisible();
		await page.goto(`/records/product/${id}`);
		await expect(page.getByLabel('SKU', { exact: true })).toBeVisible();
		await expect(page.getByLabel(label)).toHaveCount(0);
		await page.goto('/settings/fields');
		await page.getByRole('button', { name: `Put ${label} back` }).click();
		await expect(page.getByText('The field is there again')).toBeVisible();
		await page.goto(`/records/product/${id}`);
		await expect(page.getByLabel(label)).toHaveValue('moss');
	});
}

test('only an administrator gets to the fields', async ({ page }) => {
	await signIn(page, '/settings/fields', 'operator');
	await expect(page.getByRole('heading', { name: 'Your role does not allow this' })).toBeVisible();
});
