import { chromium, type Browser, type CDPSession, type Page as BrowserPage } from '@playwright/test';
import { findChromium } from '../suites/chromium.mjs';
import type { Page } from './seeded-pages.ts';
import type { SeededWeb } from './seeded-web.ts';

/** What a browser shows of one page: kilobytes of compressed scripts, milliseconds, and the unitless layout shift. */
export type BrowserFigures = { scriptKb: number; lcpMs: number; inpMs: number; cls: number };

const slowerBy = 4;
const clicksAtMost = 10;

/** Runs `work` with a headless Chromium of this machine. */
export async function withBrowser<T>(work: (browser: Browser) => Promise<T>): Promise<T> {
	const executablePath = findChromium();
	const browser = await chromium.launch({
		...(executablePath && { executablePath }),
		args: process.getuid?.() === 0 ? ['--no-sandbox'] : []
	});
	try {
		return await work(browser);
	} finally {
		await browser.close();
	}
}

/** Opens a page with nothing cached, then works on it with a processor four times slower: clicks, keys, typing. */
export async function browserFigures(browser: Browser, web: SeededWeb, { path }: Page): Promise<BrowserFigures> {
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	try {
		await context.addCookies(cookiesOf(web));
		const page = await context.newPage();
		await page.addInitScript(observe);
		const cdp = await context.newCDPSession(page);
		const script = await scriptBytes(cdp);
		await page.goto(web.url + path, { waitUntil: 'networkidle' });
		const seen = await page.evaluate(() => window.figures);
		const scriptKb = script.bytes() / 1000;
		await cdp.send('Emulation.setCPUThrottlingRate', { rate: slowerBy });
		await workOn(page);
		const { inp, cls } = await page.evaluate(() => window.figures);
		return { scriptKb, lcpMs: seen.lcp, inpMs: inp, cls };
	} finally {
		await context.close();
	}
}

declare global {
	interface Window {
		figures: { lcp: number; inp: number; cls: number };
	}
}

/** Runs in the page before its own scripts. */
function observe(): void {
	const figures = { lcp: 0, inp: 0, cls: 0 };
	window.figures = figures;
	type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean };
	type Interaction = PerformanceEntry & { interactionId: number };
	const each = (
		options: PerformanceObserverInit & { durationThreshold?: number },
		use: (entry: PerformanceEntry) => void
	) => new PerformanceObserver((list) => list.getEntries().forEach(use)).observe({ buffered: true, ...options });
	each({ type: 'largest-contentful-paint' }, (entry) => (figures.lcp = entry.startTime));
	each({ type: 'layout-shift' }, (entry) => {
		if (!(entry as Shift).hadRecentInput) figures.cls += (entry as Shift).value;
	});
	each({ type: 'event', durationThreshold: 16 }, (entry) => {
		if ((entry as Interaction).interactionId > 0) figures.inp = Math.max(figures.inp, entry.duration);
	});
}

/** Bytes of scripts as they came over the wire. */
async function scriptBytes(cdp: CDPSession): Promise<{ bytes(): number }> {
	const scripts = new Set<string>();
	let bytes = 0;
	cdp.on('Network.responseReceived', ({ requestId, type }) => {
		if (type === 'Script') scripts.add(requestId);
	});
	cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
		if (scripts.has(requestId)) bytes += encodedDataLength;
	});
	await cdp.send('Network.enable');
	return { bytes: () => bytes };
}

/** What a person does on any page: opens what is folded, ticks what can be ticked, types, goes on with the keyboard. */
async function workOn(page: BrowserPage): Promise<void> {
	const targets = page.locator('main').locator('summary, input[type=checkbox], input[type=radio]');
	const count = Math.min(clicksAtMost, await targets.count());
	for (let index = 0; index < count; index++) {
		const target = targets.nth(index);
		if (await target.isVisible()) await target.click({ force: true });
	}
	const search = page.locator('main input[type=search]:visible').first();
	if ((await search.count()) > 0) {
		await search.click();
		await page.keyboard.type('trail tent', { delay: 30 });
	}
	for (let press = 0; press < clicksAtMost; press++) await page.keyboard.press('Tab');
	await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

function cookiesOf({ url, cookie }: SeededWeb) {
	return cookie.split('; ').map((pair) => {
		const at = pair.indexOf('=');
		return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
	});
}
