import { execFileSync } from 'node:child_process';
import { expect, test, type Page } from '@playwright/test';
import postgres from 'postgres';
import { signIn } from './sign-in.ts';

type Sql = ReturnType<typeof postgres>;

/** A paused channel of its own with so many suggestions: no run comes in between. */
async function suggestions(work: Sql, name: string, count: number): Promise<string> {
	const code = `${name}-${process.hrtime.bigint()}`;
	const [channel] = await work<{ id: string }[]>`
		insert into c_channel (name, connector, paused_at, paused_reason) values (${code}, 'rest', now(), 'person') returning id::text as id`;
	const id = channel?.id ?? '';
	await work`
		insert into c_channel_entity (c_channel_id, entity, policy, schedule)
		select ${id}::bigint, entity, policy, schedule from c_channel_entity where c_channel_id = 1 and entity = 'product'`;
	await work`insert into m_product (value, name, price) select ${code} || n, 'Tent ' || n, 10 from generate_series(1, ${count}::int) n`;
	await work`
		insert into c_channel_record (c_channel_id, entity, external_id, fields)
		select ${id}::bigint, 'product', 'x' || r.id, jsonb_build_object('value', r.value, 'name', r.name, 'price', '11')
		from m_product r where r.value like ${`${code}%`}`;
	await work`
		insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, score, evidence)
		select ${id}::bigint, 'product', r.id, 'x' || r.id, 100,
			jsonb_build_array(jsonb_build_object('field', 'value', 'kind', 'equal', 'internal', r.value, 'external', r.value),
				jsonb_build_object('field', 'name', 'kind', 'alike', 'internal', r.name, 'external', r.name, 'percent', 100),
				jsonb_build_object('field', 'price', 'kind', 'ratio', 'internal', '10', 'external', '11', 'percent', 91))
		from m_product r where r.value like ${`${code}%`}`;
	return id;
}

let work: Sql;
test.beforeAll(() => {
	const url = execFileSync(process.execPath, ['src/launch.mjs', 'db-url'], { encoding: 'utf8' }).trim();
	work = postgres(url, { max: 1, onnotice: () => undefined });
});
test.afterAll(() => work.end());

const counts = async (channel: string) => {
	const [row] = await work<{ links: number; rejected: number; open: number }[]>`
		select (select count(*) from c_channel_map_product where c_channel_id = ${channel}::bigint)::int as links,
			(select count(*) from c_channel_exclusion where c_channel_id = ${channel}::bigint)::int as rejected,
			(select count(*) from c_channel_suggestion where c_channel_id = ${channel}::bigint)::int as open`;
	return row;
};
const list = (page: Page) => page.getByRole('list', { name: 'Suggestions, best first' }).getByRole('link');

test('50 suggestions take 50 keys, and one more takes the last decision back', async ({ page }) => {
	const channel = await suggestions(work, 'Keys', 50);
	await signIn(page, `/channels/${channel}/suggestions?entity=product`);
	await expect(list(page)).toHaveCount(50);
	await expect(page.getByText('Keys', { exact: true })).toBeVisible();
	for (let key = 0; key < 49; key++) await page.keyboard.press(key % 5 === 4 ? 'r' : 'a');
	await expect(list(page)).toHaveCount(1);
	await page.keyboard.press('z');
	await expect(list(page)).toHaveCount(2);
	await page.keyboard.press('a');
	await page.keyboard.press('r');
	await expect(page.getByText('All decided: 50 on this page')).toBeVisible();
	await expect.poll(() => counts(channel), { timeout: 30_000 }).toEqual({ links: 40, rejected: 10, open: 0 });
});

for (const tag of ['', ' @no-js']) {
	test(`a suggestion is linked with one click and the next one follows; "no" is remembered; both are taken back${tag}`, async ({
		page
	}) => {
		const channel = await suggestions(work, 'Clicks', 3);
		await signIn(page, `/channels/${channel}/suggestions?entity=product`);
		const link = page.getByRole('button', { name: /^Link .+ with / });
		const first = (await link.getAttribute('aria-label')) ?? '';
		await expect(page.getByRole('row', { name: /SKU/ })).toContainText('The same');
		await expect(page.getByRole('row', { name: /^Name/ })).toContainText('The same');
		await expect(page.getByRole('row', { name: /Price/ })).toContainText('91 % of the other');
		await link.click();
		await expect(list(page)).toHaveCount(2);
		await expect(link).not.toHaveAccessibleName(first);
		await page.getByRole('button', { name: /^No, / }).click();
		await expect(list(page)).toHaveCount(1);
		await expect.poll(() => counts(channel)).toEqual({ links: 1, rejected: 1, open: 1 });
		await page
			.getByRole('button', { name: /^(Take back|Undo)$/ })
			.first()
			.click();
		await expect(list(page)).toHaveCount(2);
		expect(await counts(channel)).toEqual({ links: 1, rejected: 0, open: 2 });
	});

	test(`all that are exact and unique are accepted with two clicks, through a preview${tag}`, async ({ page }) => {
		const channel = await suggestions(work, 'Exact', 24);
		await signIn(page, `/channels/${channel}/suggestions?entity=product`);
		await page.getByRole('link', { name: 'Accept all exact and unique (24)' }).click();
		await expect(page.getByText('The first 20 of 24')).toBeVisible();
		await page.getByRole('button', { name: 'Link 24' }).click();
		await expect(page.getByText(/^Linked 24\./)).toBeVisible();
		expect(await counts(channel)).toEqual({ links: 24, rejected: 0, open: 0 });
		await page.getByRole('button', { name: 'Undo', exact: true }).click();
		await expect(page.getByText('24 links taken back. They are suggestions again.')).toBeVisible();
		expect(await counts(channel)).toEqual({ links: 0, rejected: 0, open: 24 });
	});

	test(`side by side: what is suggested takes one click, another three steps${tag}`, async ({ page }) => {
		const channel = await suggestions(work, 'Pair', 3);
		// Named as the codes of its records begin: every other record of ours is without a link here too.
		const [named] = await work<{ name: string }[]>`select name from c_channel where id = ${channel}::bigint`;
		await signIn(page, `/channels/${channel}/pair?entity=product&oursText=${named?.name ?? ''}`);
		await page
			.getByRole('list', { name: 'Ours, not linked' })
			.getByRole('button', { name: /^Link .+ with / })
			.first()
			.click();
		await expect(page.getByText(/^Linked with x/)).toBeVisible();
		await page.getByRole('button', { name: 'Undo', exact: true }).click();
		await expect(page.getByText('Taken back.')).toBeVisible();
		expect(await counts(channel)).toEqual({ links: 0, rejected: 0, open: 3 });
		await page
			.getByRole('list', { name: 'Ours, not linked' })
			.getByRole('button', { name: /^Link .+ with / })
			.first()
			.click();
		await expect(page.getByText(/^Linked with x/)).toBeVisible();
		await page.getByRole('radio').first().check();
		const theirs = page.getByRole('searchbox').last();
		await theirs.fill(`${named?.name ?? ''}3`);
		await theirs.press('Enter');
		const there = page.getByRole('button', { name: /^Link the picked record with / });
		await expect(there).toHaveCount(1);
		await expect(page.getByRole('radio').first()).toBeChecked();
		await there.click();
		await expect(page.getByText(/^Linked with x/)).toBeVisible();
		await expect.poll(() => counts(channel)).toMatchObject({ links: 2 });
	});
}

test('one-key shortcuts are off where the profile says so', async ({ page }) => {
	const channel = await suggestions(work, 'Quiet', 2);
	await signIn(page, `/channels/${channel}/suggestions?entity=product`);
	await page.context().addCookies([{ name: 'shortcuts', value: 'off', url: page.url() }]);
	await page.reload();
	await expect(page.getByRole('button', { name: 'Skip' })).toBeVisible();
	await page.keyboard.press('a');
	await expect(page.getByText('Keys', { exact: true })).toHaveCount(0);
	await expect(list(page)).toHaveCount(2);
	expect(await counts(channel)).toEqual({ links: 0, rejected: 0, open: 2 });
});

test('what waits is counted anew in the menu on each page that a person goes to', async ({ page }) => {
	await signIn(page, '/runs');
	const menu = page.getByRole('complementary');
	const waiting = async () => Number.parseInt((await menu.getByText(/^\d+\+? waiting$/).textContent()) ?? '', 10);
	const before = await waiting();
	await suggestions(work, 'Menu', 40);
	await menu.getByRole('link', { name: 'Channels', exact: true }).click();
	await expect(page).toHaveURL(/\/channels$/);
	await expect.poll(waiting).toBeGreaterThanOrEqual(Math.min(before + 30, 999));
});
