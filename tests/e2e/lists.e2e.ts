import { expect, test } from '@playwright/test';
import { signIn } from './sign-in.ts';

const list = '/channels/1/links?entity=product';

test('the head of a list stays in sight; a list wider than its card scrolls in it', async ({ page }) => {
	await page.setViewportSize({ width: 1440, height: 400 });
	await signIn(page, list, 'viewer');
	const [box, head, last] = ['.flush', 'thead', 'tbody tr:last-child'].map((each) => page.locator(`main ${each}`));
	if (!box || !head || !last) throw new Error('unreachable');
	const top = () => head.evaluate((element) => element.getBoundingClientRect().top);
	await last.scrollIntoViewIfNeeded();
	await expect.poll(top).toBe(0);
	await page.setViewportSize({ width: 800, height: 400 });
	await last.scrollIntoViewIfNeeded();
	await expect.poll(top, 'below the bar of a narrow page').toBe(43);
	await last
		.locator('td')
		.last()
		.evaluate((cell) => (cell.textContent = 'x'.repeat(400)));
	await expect(box).toHaveCSS('overflow-x', 'auto');
	expect(await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth)).toBe(0);
});

test('pages come compressed', async ({ page }) => {
	await signIn(page, list, 'viewer');
	const reply = await page.reload();
	expect(await reply?.headerValue('content-encoding')).toBe('br');
	const plain = await page.request.get(list, { headers: { 'accept-encoding': 'identity' } });
	expect(plain.headers()['content-encoding']).toBeUndefined();
});
