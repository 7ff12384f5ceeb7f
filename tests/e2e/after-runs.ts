import { expect, type Locator, type Page } from '@playwright/test';
import { postForm } from './own-records.ts';

type Place = { channel: string; entity: string };

const productsOfErp: Place = { channel: '1', entity: 'product' };

/** Presses "Sync now" as a person in a hurry does: what it finds, the schedule would have found a few seconds later. */
export const syncNow = (page: Page, { channel, entity }: Place = productsOfErp) =>
	postForm(page, `/channels/${channel}?/run`, { entity, mode: 'incremental' });

/** Syncs until the page shows it, loaded again or at another address. */
export async function afterRuns(
	page: Page,
	what: Locator,
	{ path, ...place }: Partial<Place> & { path?: string } = {}
) {
	await expect(async () => {
		await syncNow(page, { ...productsOfErp, ...place });
		await (path === undefined ? page.reload() : page.goto(path));
		await expect(what).toBeVisible({ timeout: 500 });
	}).toPass({ timeout: 60_000 });
}
