import { execFileSync } from 'node:child_process';
import { expect, test, type Locator, type Page } from '@playwright/test';
import postgres from 'postgres';
import { afterRuns } from './after-runs.ts';
import { freshCode, newErpProduct, newProduct, removeErpProduct } from './own-records.ts';
import { signIn } from './sign-in.ts';

let work: ReturnType<typeof postgres>;
test.beforeAll(() => {
	const url = execFileSync(process.execPath, ['src/launch.mjs', 'db-url'], { encoding: 'utf8' }).trim();
	work = postgres(url, { max: 1, onnotice: () => undefined });
});
test.afterAll(() => work.end());

/** What the run that was asked for brings to this page. */
const expectAfterReloads = (page: Page, what: Locator) =>
	expect(async () => {
		await page.reload();
		await expect(what).toBeVisible({ timeout: 500 });
	}).toPass({ timeout: 45_000 });
const card = (page: Page) => page.locator('section', { has: page.getByRole('heading', { name: 'ERP', exact: true }) });

/** Two of our own that are linked and agree; the page is the link's. */
async function linkedPair(page: Page): Promise<{ code: string; id: string; externalId: string }> {
	const code = freshCode();
	const id = await newProduct(page, { value: code, name: `Rope ${code}`, price: '12.50', currency: 'EUR' });
	const externalId = await newErpProduct(page, { sku: code, name: `Rope ${code}`, price: '12.50' });
	await page.goto(`/records/product/${id}/channels?channel=1&find=${code}`);
	// The matcher may suggest the same pair meanwhile: either button links the two.
	await card(page)
		.getByRole('button', { name: `Link with ${code}` })
		.first()
		.click();
	await expect(page.getByText(/^Linked( with|\.)/)).toBeVisible();
	await card(page)
		.getByRole('link', { name: /Review|Resolve/ })
		.click();
	await expect(page).toHaveURL(/\/links\/product\//);
	await afterRuns(page, page.getByText('Compared with ERP: both sides agree'));
	return { code, id, externalId };
}

/** A paused channel of its own, with nothing in it. */
async function quietChannel(name: string, problem: object | null = null): Promise<string> {
	const [row] = await work<{ id: string }[]>`
		insert into c_channel (name, connector, paused_at, paused_reason, problem)
		values (${`${name}-${process.hrtime.bigint()}`}, 'rest', case when ${problem === null} then now() end, case when ${problem === null} then 'person' end,
			${problem === null ? null : JSON.stringify(problem)}::text::jsonb)
		returning id::text as id`;
	return row?.id ?? '';
}

for (const tag of ['', ' @no-js']) {
	test(`a record that was deleted in the ERP is created there again with one click${tag}`, async ({ page }) => {
		await signIn(page);
		const { code, id, externalId } = await linkedPair(page);
		const link = new URL(page.url()).pathname;
		await removeErpProduct(page, externalId);
		await page.getByRole('button', { name: 'Sync now' }).click();
		const restore = page.getByRole('button', { name: 'Create it again in ERP' });
		await afterRuns(page, restore);
		// The inbox offers the same, and what else can be done.
		await page.goto('/inbox?kind=problems&channel=1&cause=missing-external');
		const row = page.getByRole('row').filter({ hasText: code });
		await expect(row.getByRole('button', { name: `Restore ${code}` })).toBeVisible();
		await expect(row.getByRole('button', { name: `Unlink ${code}` })).toBeVisible();
		await expect(row.locator('summary')).toHaveText('Exclude');

		await page.goto(link);
		await restore.click();
		await expect(page).toHaveURL(new RegExp(`/records/product/${id}/channels`));
		await expect(page.getByText('It is being created again in ERP.')).toBeVisible();
		await afterRuns(page, card(page).getByText('In sync'));
		const reply = await page.request.get(`${process.env['ERP_URL']}/page/products?q=${code}`);
		expect((await reply.text()).split(`>${code}<`).length - 1).toBe(1);
		await page.goto(link);
		await expect(page.getByText('Restored what was missing (ERP)')).toBeVisible();
		await expect(page.getByRole('button', { name: 'Undo', exact: true })).toHaveCount(0);
	});

	test(`a record of ours that a program deleted is back with one click in the inbox${tag}`, async ({ page }) => {
		await signIn(page);
		const { code, id, externalId } = await linkedPair(page);
		await work`delete from m_product where id = ${id}::bigint`;
		await page.goto('/inbox?kind=problems&channel=1&cause=missing-internal');
		await page.getByRole('button', { name: `Restore ${id}`, exact: true }).click();
		await expect(page.getByText('Our record is back, and its links carry on.')).toBeVisible();
		await expect(page.getByRole('button', { name: `Restore ${id}`, exact: true })).toHaveCount(0);
		await page.goto(`/records/product/${id}/channels`);
		await expect(page.getByRole('heading', { level: 1 })).toContainText(code);
		await expect(card(page).getByRole('link', { name: externalId })).toBeVisible();
	});

	test(`a link that lost a side is ended, with why, and both stay out of it${tag}`, async ({ page }) => {
		await signIn(page);
		const { code, id } = await linkedPair(page);
		await work`update c_channel_map_product set status = 'orphan', clean_seq = dirty_seq,
			problem = '{"kind":"missing-external","message":"gone","hint":"look"}' where c_channel_id = 1 and m_product_id = ${id}::bigint`;
		await page.goto('/inbox?kind=problems&channel=1&cause=missing-external');
		const row = page.getByRole('row').filter({ hasText: code });
		await row.locator('summary').click();
		await row.getByLabel('Why?').fill('Not sold any more');
		await row.getByRole('button', { name: 'Exclude' }).click();
		await expect(page.getByText(/^Excluded, and the link with .+ ended\.$/)).toBeVisible();
		await page.goto(`/records/product/${id}/channels`);
		await expect(card(page).getByText('Not sold any more').first()).toBeVisible();
		await expect(card(page).getByText('Excluded', { exact: true })).toBeVisible();
	});

	test(`a plan is looked at, approved and carried out, but for a record that changed since${tag}`, async ({ page }) => {
		test.setTimeout(150_000);
		await signIn(page, '/', 'operator');
		const [kept, moved] = await work<{ id: string; value: string }[]>`
			select r.id::text as id, r.value from c_channel_map_product m join m_product r on r.id = m.m_product_id
			where m.c_channel_id = 1 and m.status = 'in-sync' and m.is_primary and m.dirty_seq = m.clean_seq
				and not exists (select 1 from c_channel_map_product o where o.m_product_id = r.id and o.id <> m.id)
			order by m.id limit 2`;
		await schedule('{"cron":"0 3 1 1 *","zone":"UTC"}');
		try {
			await quiet();
			for (const { id } of [kept!, moved!])
				await work`update m_product set price = coalesce(price, 0) + 1.5 where id = ${id}::bigint`;
			await page.goto('/channels/1');
			await page.getByRole('button', { name: /^Make a plan: compare all Products with ERP/ }).click();
			await expect(page).toHaveURL(/\/runs\/\d+$/);
			const apply = page.getByRole('button', { name: 'Carry out this plan' });
			await expectAfterReloads(page, apply);
			for (const { value } of [kept!, moved!]) {
				await expect(page.locator('tbody').filter({ hasText: value })).toContainText('Sent to ERP');
			}
			await page.goto('/runs?channel=1');
			await expect(
				page
					.getByRole('row')
					.filter({ hasText: /Would write \d+/ })
					.first()
			).toBeVisible();
			await page.goBack();
			await work`update m_product set price = price + 1 where id = ${moved!.id}::bigint`;
			const plan = page.url();
			await apply.click();
			await expect(page).not.toHaveURL(plan);
			const refused = page.getByRole('row').filter({ hasText: moved!.value });
			await expectAfterReloads(page, refused.getByText('Our record changed since the plan was made.'));
			await expect(page.getByRole('row').filter({ hasText: kept!.value })).toContainText('Sent to ERP');
		} finally {
			await schedule('{"everySeconds":5}');
		}
	});

	test(`a record has a further link, which becomes the main one${tag}`, async ({ page }) => {
		await signIn(page, '/channels/1/rules/product');
		const allow = page.locator('input[name=allowSecondary]');
		if (!(await allow.isChecked())) {
			await allow.check();
			await page.getByRole('button', { name: 'Save rules' }).click();
			await expect(page.getByText('Saved. The next run follows the new rules.')).toBeVisible();
		}
		const { id, externalId } = await linkedPair(page);
		const other = freshCode();
		const otherId = await newErpProduct(page, { sku: other, name: `Rope ${other}`, price: '12.50' });
		await page.goto(`/records/product/${id}/channels?channel=1&find=${other}`);
		await card(page)
			.getByRole('button', { name: `Link with ${other}` })
			.click();
		await expect(page.getByText(`Linked with ${otherId} as a further record.`, { exact: false })).toBeVisible();
		await expect(card(page).getByText('Secondary')).toBeVisible();
		const folded = card(page).locator('summary').filter({ hasText: 'Make it the main link' });
		// It is compared first: what differs waits for a person.
		await afterRuns(page, folded);
		await folded.click();
		await expect(card(page).getByText(`${externalId} becomes a further link`, { exact: false })).toBeVisible();
		await card(page)
			.getByRole('button', { name: `Make ${otherId} the main link` })
			.click();
		await expect(page.getByText(`${otherId} is the main link now.`)).toBeVisible();
		await expect(card(page).locator('summary[aria-label^="Make "]')).toHaveAttribute(
			'aria-label',
			`Make ${externalId} the main link`
		);
	});

	test(`all problems of one cause are tried again with one click; a refused key leads to its place${tag}`, async ({
		page
	}) => {
		const channel = await quietChannel('Key', {
			kind: 'unauthorized',
			message: '401',
			hint: 'Renew it.',
			at: '2026-01-01T00:00:00.000000Z'
		});
		await signIn(page, '/inbox?kind=problems');
		const group = page
			.getByRole('listitem')
			.filter({ has: page.getByRole('heading', { name: 'The channel refuses the values' }) })
			.first();
		await group.getByRole('button', { name: /^Retry these \d+/ }).click();
		await expect(page.getByText(/^\d+ links? will be tried again\.$/)).toBeVisible();
		await page.goto(`/inbox?kind=problems&channel=${channel}`);
		await page.getByRole('link', { name: 'Replace the key' }).click();
		await expect(page).toHaveURL(new RegExp(`/channels/${channel}/settings`));
		await expect(page.getByRole('heading', { name: 'Credentials' })).toBeVisible();
		await work`update c_channel set problem = null, deleted_at = now() where id = ${channel}::bigint`;
	});

	test(`a last run that failed waits in the inbox and at its channel until one gets through${tag}`, async ({
		page
	}) => {
		const channel = await quietChannel('Renamed');
		const run = (state: string, problem: object | null) => work`
			insert into sync_run (c_channel_id, entity, mode, started_by, state, attempt, problem, started_at, ended_at)
			values (${channel}::bigint, 'product', 'full', 'schedule', ${state}, 1,
				${problem === null ? null : JSON.stringify(problem)}::text::jsonb, now(), now())`;
		await work`
			insert into c_channel_entity (c_channel_id, entity, policy, schedule)
			select ${channel}::bigint, entity, policy, '{"cron":"0 0 1 1 *","zone":"UTC"}' from c_channel_entity where c_channel_id = 1 and entity = 'product'`;
		await run('failed', { kind: 'invalid-reply', message: 'There is no field “price”', hint: 'Name the field anew.' });
		await work`update c_channel set paused_at = null, paused_reason = null where id = ${channel}::bigint`;
		await signIn(page, `/inbox?kind=problems&channel=${channel}`, 'operator');
		const failed = page.getByText('Last run of Products failed: There is no field “price”');
		await expect(page.getByRole('heading', { name: 'The channel’s answer makes no sense' })).toBeVisible();
		await expect(failed).toBeVisible();
		await expect(page.getByText('Name the field anew.')).toBeVisible();
		await expect(page.getByText('No problems')).toHaveCount(0);
		await expect(page.getByRole('navigation', { name: 'Kinds' }).getByRole('link', { name: 'Problems' })).toContainText(
			'1'
		);
		await page.goto(`/channels/${channel}`);
		await expect(failed).toBeVisible();
		await page.getByRole('link', { name: 'Look at the run', exact: true }).click();
		await expect(page).toHaveURL(/\/runs\/\d+$/);
		await run('succeeded', null);
		await page.goto(`/inbox?kind=problems&channel=${channel}`);
		await expect(page.getByText('No problems')).toBeVisible();
		await page.goto(`/channels/${channel}`);
		await expect(page.getByText('Nothing is linked yet').first()).toBeVisible();
		await expect(failed).toHaveCount(0);
		await work`update c_channel set deleted_at = now(), paused_at = now() where id = ${channel}::bigint`;
	});

	test(`what a listing left out is held: nothing is deleted until a person approves${tag}`, async ({ page }) => {
		const channel = await quietChannel('Listing');
		await work`
			insert into c_channel_entity (c_channel_id, entity, policy, schedule)
			select ${channel}::bigint, entity, policy, schedule from c_channel_entity where c_channel_id = 1 and entity = 'product'`;
		const hold = (kind: string) => work`
			insert into sync_hold (c_channel_id, entity, kind, waiting, "limit") values (${channel}::bigint, 'product', ${kind}, 240, 10)`;
		await hold('absences');
		await signIn(page, `/inbox?kind=held&channel=${channel}`, 'operator');
		await expect(page.getByText('240 records were not in the listing')).toBeVisible();
		await page.getByRole('button', { name: /^Discard: / }).click();
		await expect(page.getByText(/^Discarded: nothing was changed\./)).toBeVisible();
		await expect(page.getByText('240 records were not in the listing')).toHaveCount(0);
		await hold('absences');
		await page.goto(`/channels/${channel}`);
		await expect(page.getByText('Approve if they were really deleted there', { exact: false })).toBeVisible();
		await page.getByRole('button', { name: 'Approve' }).click();
		await expect(page.getByText(/^Approved\. Each record is asked for by its id now/)).toBeVisible();
		await work`update c_channel set deleted_at = now() where id = ${channel}::bigint`;
	});
}

const schedule = (value: string) =>
	work`update c_channel_entity set schedule = ${value}::text::jsonb where c_channel_id = 1 and entity = 'product'`;

/** No run of the ERP's products is under way or about to begin. */
async function quiet(): Promise<void> {
	await expect
		.poll(
			async () => {
				const [row] = await work<{ busy: boolean }[]>`
					select exists (select 1 from sync_run where c_channel_id = 1 and entity = 'product' and state in ('queued', 'running'))
						or exists (select 1 from pgboss.job where name = 'sync-schedule' and singleton_key = '1.product' and state < 'completed'
							and start_after < now() + interval '1 hour') as busy`;
				return row?.busy;
			},
			{ timeout: 30_000 }
		)
		.toBe(false);
}
