import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { freshCode, newProduct, postForm } from './own-records.ts';
import { addOwnChannel, removeOwnChannel, startOwnService } from './own-service.ts';
import { signIn } from './sign-in.ts';

/** Long after the channel began to receive: what was ordered before is history and stays there. */
const placed = 32_472_144_000;
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Accessible, and nothing runs out of a narrow page. */
async function looksRight(page: Page): Promise<void> {
	expect((await new AxeBuilder({ page }).include('#main').withTags(rules).analyze()).violations).toEqual([]);
	const size = page.viewportSize();
	await page.setViewportSize({ width: 320, height: 640 });
	const over = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
	expect(over).toBe(0);
	if (size) await page.setViewportSize(size);
}

for (const tag of ['', ' @no-js']) {
	test(`orders come here whole or not at all: what each waits for is said, and how it goes on${tag}`, async ({
		page
	}) => {
		test.setTimeout(300_000);
		await signIn(page);
		const [code, name] = [freshCode(), `Web orders${tag === '' ? '' : ' without scripts'}`];
		const [plain, waiting, wrong] = [`${code}-1`, `${code}-2`, `${code}-3`];
		const tent = await newProduct(page, { value: code, name: `Tent ${code}` });
		const service = await startOwnService();
		service.articles.set('A-7', { id: 'A-7', sku: code, title: `Tent ${code}` });
		const order = (no: string, more: object) => {
			const positions = [{ title: 'Gift wrap', pieces: 2, each: 250 }];
			const common = { id: `O-${no}`, no, buyer: { name: 'Anna Berg' }, placed, state: 'NEW', currency: 'EUR' };
			service.orders.set(`O-${no}`, { ...common, positions, postage: 900, sum: 1400, ...more });
		};
		order(plain, {});
		const tents = { article: { id: 'A-7' }, title: 'Tent', pieces: 2, each: 4550 };
		order(waiting, { positions: [tents, { title: 'Gift wrap', pieces: 1, each: 250 }], sum: 10_250 });
		order(wrong, { sum: 1500 });
		const channel = await addOwnChannel(page, { name, url: service.url, entities: ['sales-order', 'product'] });
		const run = () => postForm(page, `/channels/${channel}?/run`, { entity: 'sales-order', mode: 'incremental' });
		/** Runs orders until the page at `path` shows it. */
		const afterRuns = (path: string, what: () => Locator) =>
			expect(async () => {
				await run();
				await page.goto(path);
				await expect(what()).toBeVisible({ timeout: 1500 });
			}).toPass({ timeout: 60_000 });
		const list = `/records/sales-order?q=${code}`;
		const main = page.locator('#main');
		try {
			await page.goto(`/channels/${channel}/rules/sales-order`);
			await page.locator('input[name=autoCreateInternal]').check();
			await page.getByRole('button', { name: 'Save rules' }).click();
			await expect(page.getByText('Saved. The next run follows the new rules.')).toBeVisible();

			// The list has the one that can be taken over, with its state at the channel.
			const row = (no: string) => main.locator('tbody tr').filter({ hasText: no });
			await afterRuns(list, () => row(plain).filter({ hasText: /open.*14\.00.*EUR.*In sync/s }));
			await expect(row(plain)).toContainText('Anna Berg');
			await expect(page.getByRole('columnheader', { name: 'Customer' })).toBeVisible();
			await expect(row(waiting)).toHaveCount(0);
			if (tag === '') await looksRight(page);

			// What the others wait for.
			await page.goto(`/inbox?kind=awaiting&channel=${channel}`);
			await expect(main.locator('tbody tr')).toHaveCount(2);
			const unlinked = main.locator('tbody tr').filter({ hasText: `to be linked in ${name}` });
			await expect(unlinked.getByRole('link', { name: /^Link it: Waits for product/ })).toBeVisible();
			const held = main.locator('tbody tr').filter({ hasText: "come to 14.00, but the order's total is 15.00" });
			if (tag === '') await looksRight(page);
			await held.getByRole('link', { name: /^Look at it: / }).click();
			await expect(page).toHaveURL(/\/unlinked\?/);
			await expect(row(wrong)).toContainText("come to 14.00, but the order's total is 15.00");
			await expect(row(wrong)).toContainText('Correct the order at the channel; it is then taken over by itself.');
			await page.goto(`/channels/${channel}/unlinked?entity=sales-order&side=external`);
			await expect(row(waiting)).toContainText(`to be linked in ${name}. Link it; this record then goes on by itself.`);
			if (tag === '') await looksRight(page);

			// Put right at the channel, the one goes on by itself; the other one once its product is linked.
			order(wrong, { sum: 1400 });
			await afterRuns(list, () => row(wrong));
			const linked = { channel, external: 'A-7', variant: '' };
			expect((await postForm(page, `/records/product/${tent}/channels?/link`, linked)).status()).toBe(303);
			await afterRuns(list, () => row(waiting));
			await page.goto(`/inbox?kind=awaiting&channel=${channel}`);
			await expect(page.getByText('Nothing waits', { exact: true })).toBeVisible();

			// One order with its lines; its status goes back to where it came from.
			await page.goto(list);
			await row(waiting).getByRole('link', { name: waiting, exact: true }).click();
			const lines = main.locator('table').filter({ hasText: 'Gift wrap' }).locator('tbody tr');
			await expect(lines).toHaveCount(2);
			await expect(lines.first()).toContainText(/Tent.*2.*45\.50/s);
			await expect(page.getByLabel(/^Total/)).toHaveValue('102.50');
			if (tag === '') await looksRight(page);
			await page.getByLabel(/^Status/).fill('shipped');
			await page.getByRole('button', { name: 'Save' }).click();
			await expect(page.getByText('Saved.')).toBeVisible();
			await expect(async () => {
				await run();
				await expect.poll(() => service.writes, { timeout: 1500 }).toEqual([{ state: 'SENT' }]);
			}).toPass({ timeout: 60_000 });

			// What the channel changes afterwards waits until a person confirms it.
			order(plain, { buyer: { name: 'Anna Lund' } });
			const theirs = () => page.getByRole('radio', { name: `${name}’s for Customer of ${plain}` });
			await afterRuns(`/channels/${channel}/conflicts?entity=sales-order`, theirs);
			await theirs().check();
			await page.getByRole('button', { name: 'Apply choices' }).click();
			await expect(page.getByText(/^1 field resolved/)).toBeVisible();
			await afterRuns(list, () => row(plain).filter({ hasText: 'Anna Lund' }).filter({ hasText: 'In sync' }));
		} finally {
			await removeOwnChannel(page, channel, name);
			await service.end();
		}
	});
}
