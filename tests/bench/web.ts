import { browserFigures, withBrowser, type BrowserFigures } from './browser-figures.ts';
import { benchFirstContact } from './first-contact.ts';
import type { Measurement } from './main.ts';
import { manyLinks } from './options.ts';
import { atOnce, kilobytes, percentile, perRound, requests } from './page-times.ts';
import { pageAddresses } from './seeded-pages.ts';
import { startSeededWeb, type SeededWeb } from './seeded-web.ts';
import { benchAtWork } from './web-at-work.ts';

const fewLinks = 1_000;
/** So many times as many of the few links need a look: each list then fills its page, as it does at many links. */
const fewShare = 11;
const size = manyLinks >= 1_000_000 ? `${Math.round(manyLinks / 1_000_000)}m` : `${Math.round(manyLinks / 1000)}k`;
const rounds = 10;

const context = `${atOnce} at once, ${rounds * perRound} requests a page and size, taken in turns`;
/** Pages that people are on all day. */
const corePages = ['home', 'list', 'suggestions', 'conflicts', 'inbox', 'record-tab', 'link'];
const figureUnits: Record<keyof BrowserFigures, [name: string, unit: string]> = {
	scriptKb: ['js', 'kB compressed'],
	lcpMs: ['lcp', 'ms'],
	inpMs: ['inp', 'ms at 4x CPU throttle'],
	cls: ['cls', 'layout shift']
};

/**
 * How long the server takes for each page at many links and at a thousand, both measured in turns so that whatever else the
 * machine does weighs on both; what a browser shows of the pages that people are on all day; then the same pages while the
 * engine works on all links. `--links` sets how many are many; the web must be built.
 */
export async function* benchWeb(databaseUrl: string): AsyncIterable<Measurement> {
	yield* benchFirstContact(databaseUrl);
	const few = await startSeededWeb(databaseUrl, fewLinks, fewShare);
	try {
		const many = await startSeededWeb(databaseUrl, manyLinks);
		try {
			const quiet = new Map<string, number>();
			yield* measurePages(few, many, quiet);
			yield* await measureBrowser(many);
			yield* benchAtWork(many, manyLinks, quiet);
		} finally {
			await many.stop();
		}
	} finally {
		await few.stop();
	}
}

async function* measurePages(few: SeededWeb, many: SeededWeb, quiet: Map<string, number>): AsyncIterable<Measurement> {
	const pagesOfFew = new Map((await pageAddresses(few)).map((page) => [page.name, page]));
	for (const page of await pageAddresses(many)) {
		const of = pagesOfFew.get(page.name);
		if (!of) continue;
		const twin = { ...of, path: of.pathOfFew ?? of.path };
		const took = { few: [] as number[], many: [] as number[] };
		for (let round = 0; round <= rounds; round++) {
			const [small, large] = [await requests(few, twin), await requests(many, page)];
			// The first round warms both up.
			if (round === 0) continue;
			took.few.push(...small);
			took.many.push(...large);
		}
		const [p95, base] = [percentile(took.many, 0.95), percentile(took.few, 0.95)];
		quiet.set(page.name, base);
		yield { name: `web.${page.name}.p95.${size}`, value: p95, unit: 'ms', better: 'lower', context };
		const shown = `${context}; ${await kilobytes(many, page)} kB of HTML, ${await kilobytes(few, twin)} kB at 1,000 links`;
		yield {
			name: `web.${page.name}.p95.ratio`,
			value: p95 / base,
			unit: 'of 1,000 links',
			better: 'lower',
			context: shown
		};
	}
}

function measureBrowser(web: SeededWeb): Promise<Measurement[]> {
	return withBrowser(async (browser) => {
		const found: Measurement[] = [];
		const pages = (await pageAddresses(web)).filter(({ name }) => corePages.includes(name));
		for (const page of pages) {
			const figures = await browserFigures(browser, web, page);
			for (const key of ['scriptKb', 'lcpMs', 'inpMs', 'cls'] as const) {
				const [name, unit] = figureUnits[key];
				const at = `${manyLinks} links, Chromium, 1440 x 900, nothing cached`;
				found.push({ name: `web.${page.name}.${name}`, value: figures[key], unit, better: 'lower', context: at });
			}
		}
		return found;
	});
}
