import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Locator } from '@playwright/test';
import { freshCode, newProduct, postForm } from './own-records.ts';
import { addOwnChannel, removeOwnChannel, startOwnService } from './own-service.ts';
import { signIn } from './sign-in.ts';

const things = ['lamp', 'mug', 'axe'];

for (const tag of ['', ' @no-js']) {
	test(`a channel writes names in capitals: agreed to, that is no conflict; dropped again, it is asked about${tag}`, async ({
		page
	}) => {
		test.setTimeout(300_000);
		await signIn(page);
		const [code, name] = [freshCode(), `Label shop${tag === '' ? '' : ' without scripts'}`];
		const service = await startOwnService(({ title, ...values }) => ({
			...values,
			...(typeof title === 'string' && { title: title.toUpperCase() })
		}));
		const products = await Promise.all(
			things.map(async (thing) => {
				const value = `${code}-${thing.toUpperCase()}`;
				service.articles.set(value, { id: value, sku: value, title: `OLD ${value}` });
				return { value, thing, id: await newProduct(page, { value, name: `OLD ${value}` }) };
			})
		);
		const channel = await addOwnChannel(page, { name, url: service.url, entities: ['product'] });
		const [rules, conflicts] = [`/channels/${channel}/rules/product`, `/channels/${channel}/conflicts?entity=product`];
		/** Runs products until the page at `path` shows it. */
		const afterRuns = (path: string, what: Locator) =>
			expect(async () => {
				await postForm(page, `/channels/${channel}?/run`, { entity: 'product', mode: 'incremental' });
				await page.goto(path);
				await expect(what).toBeVisible({ timeout: 1500 });
			}).toPass({ timeout: 90_000 });
		const card = page.getByRole('region', { name: `Values that ${name} changes` });
		try {
			await page.goto(rules);
			await expect(card).toContainText(`No open conflict shows that ${name} changes what it is sent.`);
			// The records are known there once a run has seen them.
			await afterRuns(
				`/channels/${channel}/unlinked?entity=product&side=external`,
				page.getByRole('row').filter({ hasText: `${code}-AXE` })
			);
			for (const { id, value } of products) {
				const linked = { channel, external: value, variant: '' };
				expect((await postForm(page, `/records/product/${id}/channels?/link`, linked)).status()).toBe(303);
			}
			await afterRuns(
				`/channels/${channel}/links?entity=product&status=in-sync`,
				page.getByRole('row').filter({ hasText: `${code}-AXE` })
			);
			for (const { id, thing } of products) {
				await page.goto(`/records/product/${id}`);
				await page.getByLabel('Name', { exact: true }).fill(`New ${thing}`);
				await page.getByRole('button', { name: 'Save' }).click();
				await expect(page.getByText('Saved.')).toBeVisible();
			}

			const agree = card.getByRole('button', { name: `Treat as equal what ${name} changes in Name` });
			await afterRuns(rules, agree);
			expect(service.writes.map(({ title }) => title).toSorted()).toEqual(
				things.map((thing) => `New ${thing}`).toSorted()
			);
			await expect(card).toContainText('writes everything in capitals');
			await expect(card).toContainText(/“New (lamp|mug|axe)” was sent, “NEW (LAMP|MUG|AXE)” stands there\./);
			if (tag === '') expect((await new AxeBuilder({ page }).include('#rewritings').analyze()).violations).toEqual([]);
			await agree.click();
			await expect(page.getByText('Saved. The next run compares every link by it.')).toBeVisible();
			await expect(card).toContainText('Treated as equal');
			await afterRuns(conflicts, page.getByText('No conflicts', { exact: true }));

			await page.goto(rules);
			await card.getByRole('button', { name: 'Compare Name exactly again' }).click();
			await expect(page.getByText('Saved. What differs is asked about from the next run on.')).toBeVisible();
			await afterRuns(conflicts, page.getByRole('link', { name: `Resolve Name of ${code}-AXE` }));
			// Nothing was sent for that, in either direction.
			expect(service.writes).toHaveLength(things.length);
		} finally {
			await removeOwnChannel(page, channel, name);
			await service.end();
		}
	});
}
