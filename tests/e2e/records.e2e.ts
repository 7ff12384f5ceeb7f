import { expect, test } from '@playwright/test';
import { freshCode, newProduct } from './own-records.ts';
import { signIn } from './sign-in.ts';

for (const tag of ['', ' @no-js']) {
	test(`a record is created, refused field by field, edited, and found${tag}`, async ({ page }) => {
		await signIn(page, '/records/product');
		const code = freshCode();
		await page.getByRole('link', { name: 'New product' }).click();
		await page.getByLabel('Name', { exact: true }).fill('Kettle');
		await page.getByLabel(/^Price/).fill('twelve');
		await page.getByRole('button', { name: 'Create product' }).click();
		await expect(page.getByText('SKU is needed.')).toBeVisible();
		await expect(page.getByText('Price: write a number with a point, at most 6 decimals.')).toBeVisible();
		await page.getByLabel('SKU', { exact: true }).fill(code);
		await page.getByLabel(/^Price/).fill('12.5');
		await page.getByRole('button', { name: 'Create product' }).click();
		await expect(page.getByText('Product created.')).toBeVisible();

		await page.getByRole('link', { name: 'Fields', exact: true }).click();
		await expect(page.getByLabel(/^Price/)).toHaveValue('12.50');
		await page.getByLabel('Name', { exact: true }).fill('Kettle, large');
		await page.getByRole('button', { name: 'Save' }).click();
		await expect(page.getByText('Saved. Linked channels get it with the next sync.')).toBeVisible();
		await expect(page.getByRole('heading', { level: 1, name: 'Kettle, large' })).toBeVisible();

		await page.goto(`/search?q=${code.toLowerCase()}`);
		await expect(page.getByRole('link', { name: code, exact: true })).toBeVisible();
	});

	test(`somebody else's edit meanwhile: other fields merge, the same field shows both values${tag}`, async ({
		page,
		context
	}) => {
		await signIn(page);
		const id = await newProduct(page, { value: freshCode(), name: 'Pot', price: '10' });
		const other = await context.newPage();
		for (const each of [page, other]) await each.goto(`/records/product/${id}`);
		await other.getByLabel('Name', { exact: true }).fill('Pot, theirs');
		await other.getByLabel(/^Currency/).fill('NOK');
		await other.getByRole('button', { name: 'Save' }).click();
		await expect(other.getByText('Saved.')).toBeVisible();

		await page.getByLabel('Name', { exact: true }).fill('Pot, mine');
		await page.getByRole('button', { name: 'Save' }).click();
		await expect(page.getByText('Somebody else changed the same field meanwhile')).toBeVisible();
		await expect(page.getByRole('alert').getByText('Pot, theirs')).toBeVisible();
		await expect(page.getByLabel(/^Currency/)).toHaveValue('NOK');
		await page.getByRole('button', { name: 'Save mine' }).click();
		await expect(page.getByText('Saved.')).toBeVisible();
		await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Pot, mine');
		await page.goto(`/records/product/${id}/activity`);
		await expect(page.getByRole('listitem').getByText('Pot, mine')).toBeVisible();
	});
}

test('a code that another record has is refused at its field', async ({ page }) => {
	await signIn(page);
	const taken = freshCode();
	await newProduct(page, { value: taken, name: 'Taken' });
	const id = await newProduct(page, { value: freshCode(), name: 'Wants it' });
	await page.goto(`/records/product/${id}`);
	await page.getByLabel('SKU', { exact: true }).fill(taken);
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('Another product has this SKU.')).toBeVisible();
	await page.reload();
	await expect(page.getByLabel('SKU', { exact: true })).not.toHaveValue(taken);
});
