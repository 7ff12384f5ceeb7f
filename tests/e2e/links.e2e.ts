import { expect, test, type Page } from '@playwright/test';
import { afterRuns, syncNow } from './after-runs.ts';
import { changeErpProduct, erpProduct, freshCode, newErpProduct, newProduct, postForm } from './own-records.ts';
import { signIn } from './sign-in.ts';

const erp = '/channels/1';
const card = (page: Page, channel: string) =>
	page.locator('section', { has: page.getByRole('heading', { name: channel, exact: true }) });

for (const tag of ['', ' @no-js']) {
	test(`another record of the channel is found live, linked, unlinked, and brought back${tag}`, async ({ page }) => {
		await signIn(page);
		const [ours, theirs] = [freshCode(), freshCode()];
		const id = await newProduct(page, { value: ours, name: `Lantern ${ours}`, price: '12.50' });
		const externalId = await newErpProduct(page, { sku: theirs, name: `Lantern ${theirs}`, price: '13.00' });
		await page.goto(`/records/product/${id}/channels`);
		const ERP = card(page, 'ERP');
		await ERP.getByText('Find another').click();
		await ERP.getByRole('searchbox').fill(theirs);
		await ERP.getByRole('button', { name: 'Search' }).click();
		await ERP.getByRole('button', { name: `Link with ${theirs}` }).click();
		await expect(page.getByText(`Linked with ${externalId}.`)).toBeVisible();
		await expect(ERP.getByRole('link', { name: externalId })).toBeVisible();

		await ERP.getByRole('button', { name: 'Unlink from ERP' }).click();
		await expect(page.getByText(`Unlinked from ${externalId}.`)).toBeVisible();
		await expect(ERP.getByText('Excluded', { exact: true })).toBeVisible();
		await page.getByRole('button', { name: 'Undo', exact: true }).click();
		await expect(page.getByText('The link is back as it was.')).toBeVisible();

		// Later, when the message is long gone, the card still offers it.
		await ERP.getByRole('button', { name: 'Unlink from ERP' }).click();
		await expect(page.getByText(`Unlinked from ${externalId}.`)).toBeVisible();
		await page.goto(`/records/product/${id}/channels`);
		await ERP.getByText('1 ended link').click();
		await ERP.getByRole('button', { name: /^Undo: bring back/ }).click();
		await expect(page.getByText('The link is back as it was.')).toBeVisible();
		await expect(ERP.getByRole('link', { name: 'Review' })).toBeVisible();

		// The journal tells the story on the link's own page.
		await ERP.getByRole('link', { name: /Review|Resolve/ }).click();
		await expect(page.getByText('Unlinked from ERP').first()).toBeVisible();
		await expect(page.getByRole('heading', { name: 'Both sides now' })).toBeVisible();
	});

	test(`one write that was received is given back, on both sides${tag}`, async ({ page }) => {
		await signIn(page);
		const code = freshCode();
		const id = await newProduct(page, { value: code, name: `Stove ${code}`, price: '12.50', currency: 'EUR' });
		const externalId = await newErpProduct(page, { sku: code, name: `Stove ${code}`, price: '12.50' });
		const priceThere = async () => Number((await erpProduct(page, externalId)).price);
		await page.goto(`/records/product/${id}/channels`);
		const ERP = card(page, 'ERP');
		await ERP.getByText('Find another').click();
		await ERP.getByRole('searchbox').fill(code);
		await ERP.getByRole('button', { name: 'Search' }).click();
		// The matcher may suggest the same pair meanwhile: either button links the two.
		await ERP.getByRole('button', { name: `Link with ${code}` })
			.first()
			.click();
		await expect(page.getByText(/^Linked( with|\.)/)).toBeVisible();
		await ERP.getByRole('link', { name: /Review|Resolve/ }).click();
		await expect(page).toHaveURL(/\/links\/product\//);
		await afterRuns(page, page.getByText('Compared with ERP: both sides agree'));

		await changeErpProduct(page, externalId, { price: '14.00' });
		const giveBack = page.getByRole('button', { name: 'Give Price back the value from before' });
		await afterRuns(page, giveBack);
		await giveBack.click();
		await expect(page.getByText(/^The earlier value is back/)).toBeVisible();
		await syncNow(page);
		await expect.poll(priceThere, { timeout: 30_000 }).toBe(12.5);
		await expect(page.getByText('The earlier value was given back')).toBeVisible();
		// The write that was given back is not offered again; the giving back itself may be.
		expect(await giveBack.count()).toBeLessThanOrEqual(1);
	});

	test(`the list of links is filtered and paged by its address${tag}`, async ({ page }) => {
		await signIn(page, `${erp}/links?entity=product`);
		const rows = page.getByRole('row');
		await expect(rows).toHaveCount(51);
		const code = rows.nth(1).getByRole('link').first();
		const first = await code.innerText();
		await page.getByRole('link', { name: 'Next' }).click();
		await expect(code).not.toHaveText(first);
		await page.getByRole('link', { name: 'Previous' }).click();
		await expect(code).toHaveText(first);
		await page.getByRole('link', { name: /^Set aside/ }).click();
		await expect(page).toHaveURL(/status=quarantined/);
		await expect(page.getByRole('cell', { name: 'Set aside' }).first()).toBeVisible();
		await page.getByRole('search', { name: 'Filter this list' }).getByRole('searchbox').fill('no such thing');
		await page.getByRole('button', { name: 'Show' }).click();
		await expect(page.getByText('Nothing fits “no such thing”.')).toBeVisible();
	});
}

test('a record that is linked already names its holder and changes nothing', async ({ page }) => {
	await signIn(page);
	const [one, other] = [freshCode(), freshCode()];
	const [first, second] = [
		await newProduct(page, { value: one, name: 'First' }),
		await newProduct(page, { value: other, name: 'Second' })
	];
	const externalId = await newErpProduct(page, { sku: freshCode(), name: 'Only one' });
	await page.goto(`/records/product/${first}/channels?channel=1&find=${externalId}`);
	await page
		.getByRole('button', { name: /^Link with/ })
		.first()
		.click();
	await expect(page.getByText(`Linked with ${externalId}.`)).toBeVisible();
	const reply = await postForm(page, `/records/product/${second}/channels?/link`, {
		channel: '1',
		external: externalId,
		variant: ''
	});
	expect(reply.status()).toBe(409);
	expect(await reply.text()).toContain(one);
	await page.goto(`/records/product/${second}/channels`);
	await expect(card(page, 'ERP').getByText('Not linked')).toBeVisible();
});

test('hostile addresses are 404, hostile forms are refused by field, nothing breaks', async ({ page }) => {
	await signIn(page);
	for (const path of [
		'/links/product/0',
		'/links/product/999999999',
		'/links/nothing/1',
		"/records/product/1'--",
		'/records/nothing',
		'/channels/999999/links'
	]) {
		expect((await page.request.get(path)).status(), path).toBe(404);
	}
	const odd = '%00%27%22%3Cscript%3E';
	for (const path of [
		`${erp}/links?entity=${odd}&status=${odd}&after=${odd}&q=${odd}`,
		`${erp}/unlinked?side=${odd}&q=${odd}&after=AAAA`,
		`/inbox?kind=${odd}&channel=${odd}&cause=${odd}`,
		`/search?q=${odd}`,
		`/records/product?q=${odd}&after=x`
	]) {
		expect((await page.request.get(path)).status(), path).toBe(200);
	}
	const forms: [path: string, form: Record<string, string>, status: number, says: string][] = [
		['/records/product/1/channels?/link', { channel: 'x', external: '1' }, 400, 'channel'],
		['/records/product/1/channels?/link', { channel: '1', external: '' }, 400, 'external'],
		['/records/product/1/channels?/unlink', { link: '1 or 1=1' }, 400, 'link'],
		['/records/product/1/channels?/accept', { suggestion: '' }, 400, 'suggestion'],
		['/inbox?/takeOther', { conflict: '-1' }, 400, 'conflict'],
		['/links/product/1?/giveBack', { decision: '', field: 'price', side: 'internal' }, 400, 'decision'],
		['/links/product/1?/giveBack', { decision: '1', field: 'price', side: 'both' }, 400, 'side'],
		['/links/product/1?/giveBack', { decision: '999999999', field: 'x'.repeat(9000), side: 'internal' }, 400, 'field'],
		['/links/product/1?/giveBack', { decision: '999999999', field: 'price', side: 'internal' }, 409, 'no such write'],
		[`${erp}/unlinked?/exclude`, { entity: 'product', side: 'internal', record: '1', reason: '' }, 400, 'reason'],
		['/records/product/1/channels?/unlink', { link: '999999999' }, 404, 'does not exist any more']
	];
	for (const [path, form, status, says] of forms) {
		const reply = await postForm(page, path, form);
		expect(reply.status(), path).toBe(status);
		expect(await reply.text(), path).toContain(says);
	}
});

test('a viewer reads everything, is offered nothing, and is refused by the server', async ({ page }) => {
	await signIn(page, '/records/product/1/channels', 'viewer');
	await expect(card(page, 'ERP')).toBeVisible();
	for (const path of [
		'/records/product/1/channels',
		'/records/product/1',
		'/links/product/3',
		`${erp}/suggestions`,
		`${erp}/unlinked`,
		'/inbox?kind=settled',
		'/inbox?kind=problems'
	]) {
		await page.goto(path);
		await expect(
			page
				.getByRole('main')
				.getByRole('button', { name: /^(Link|Unlink|No|Sync now|Save|Exclude|Retry|Use the other|Give)/ })
		).toHaveCount(0);
	}
	expect((await postForm(page, '/records/product/1/channels?/unlink', { link: '1' })).status()).toBe(403);
	expect(
		(await postForm(page, '/records/product/1?/save', { rev: '1', was: '{}', value: 'X', name: 'Y' })).status()
	).toBe(403);
});
