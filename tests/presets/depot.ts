import { serve } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RestSettingsInput } from '#src/engine/connectors/rest/settings.ts';

type Article = {
	code: number;
	foreign: string | null;
	revision: number;
	touchedMs: number;
	live: boolean;
	sku: string;
	caption: string;
	cents: number | null;
	grams: number | null;
};
type Change = {
	live?: 'Y' | 'N';
	attributes?: { sku?: string; captions?: { text: string }[]; grams?: number | null };
	tariffs?: { cents: number | null }[];
};

/** How it may be worse than its description. */
export type DepotFlaws = {
	ignoresRevision?: boolean;
	priceIsNotTouched?: boolean;
	findsNoForeign?: boolean;
	repeatsRows?: boolean;
	findsNothing?: boolean;
	staysLive?: boolean;
};

/**
 * A service that nothing here was written for: its own names, offsets, whole epoch seconds, an envelope, a revision in
 * the body, calls of their own to retire an article.
 */
export async function startDepot(flaws: DepotFlaws = {}) {
	const articles = new Map<number, Article>();
	const writes: string[] = [];
	let aheadMs = 0;
	const nowMs = () => performance.timeOrigin + performance.now() + aheadMs;
	const app = new Hono().basePath('/api/v7');
	app.use(async (c, next) => {
		c.header('date', new Date(nowMs()).toUTCString());
		if (c.req.header('x-depot-token') === 'd3pot') return next();
		return c.json({ problem: { type: 'auth', text: 'no such token' } }, 401);
	});
	const change = (article: Article, set: Change) => {
		const { sku, captions, grams } = set.attributes ?? {};
		if (sku !== undefined) article.sku = sku.toUpperCase();
		if (captions) article.caption = captions[0]?.text ?? '';
		if (grams !== undefined) article.grams = grams;
		if (set.tariffs) article.cents = set.tariffs[0]?.cents ?? null;
		if (set.live !== undefined && !flaws.staysLive) article.live = set.live === 'Y';
		article.revision += 1;
		if (!(flaws.priceIsNotTouched && set.tariffs)) article.touchedMs = nowMs();
	};
	const add = (set: Change & { foreign?: string }) => {
		const code = articles.size + 101;
		const article: Article = {
			code,
			foreign: set.foreign ?? null,
			revision: 0,
			touchedMs: 0,
			live: true,
			sku: '',
			caption: '',
			cents: null,
			grams: null
		};
		change(article, set);
		article.touchedMs = nowMs();
		articles.set(code, article);
		return article;
	};
	app.get('/articles', (c) => c.json({ payload: { rows: rowsFor(c, [...articles.values()], flaws) } }));
	app.post('/articles', async (c) => {
		const set = await c.req.json<Change & { foreign?: string }>();
		if ([...articles.values()].some(({ sku }) => sku === set.attributes?.sku?.toUpperCase())) {
			return c.json({ problem: { type: 'taken', text: 'this article number is taken' } }, 409);
		}
		writes.push(`create ${set.attributes?.sku}`);
		return c.json({ payload: { code: add(set).code } }, 201);
	});
	app.get('/articles/:code', (c) => {
		const article = articles.get(Number(c.req.param('code')));
		return article
			? c.json({ payload: rowOf(article) })
			: c.json({ problem: { type: 'unknown', text: 'no such article' } }, 404);
	});
	const write = async (c: Context, code: string, doing: string, set?: Change) => {
		const article = articles.get(Number(code));
		if (!article) return c.json({ problem: { type: 'unknown', text: 'no such article' } }, 404);
		const body = await c.req.json<{ revision?: number; set?: Change }>();
		if (!flaws.ignoresRevision && body.revision !== undefined && body.revision !== article.revision) {
			return c.json({ problem: { type: 'stale', text: `revision ${article.revision} is newer` } }, 409);
		}
		writes.push(`${doing} ${code}`);
		change(article, set ?? body.set ?? {});
		return c.json({ payload: rowOf(article) });
	};
	app.put('/articles/:code', (c) => write(c, c.req.param('code'), 'update'));
	app.post('/articles/:code/retire', (c) => write(c, c.req.param('code'), 'retire', { live: 'N' }));
	app.post('/articles/:code/revive', (c) => write(c, c.req.param('code'), 'revive', { live: 'Y' }));

	const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
	if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
	const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v7`;
	const file = JSON.parse(readFileSync(new URL('depot.json', import.meta.url), 'utf8')) as RestSettingsInput;
	return {
		settings: { ...file, baseUrl },
		key: 'd3pot',
		articles,
		writes,
		add,
		change,
		nowMs,
		pass: (ms: number) => void (aheadMs += ms),
		stop() {
			server.closeAllConnections();
			server.close();
		}
	};
}

function rowOf({ code, foreign, revision, touchedMs, live, sku, caption, cents, grams }: Article) {
	return {
		ref: { code, foreign, revision },
		attributes: {
			sku,
			captions: [
				{ lang: 'en', text: 'untouched' },
				{ lang: 'de', text: caption }
			],
			grams
		},
		tariffs: [
			{ kind: 'gross', cents: 1 },
			{ kind: 'net', cents }
		],
		lastTouched: Math.floor(touchedMs / 1000),
		live: live ? 'Y' : 'N'
	};
}

function rowsFor(c: Context, articles: Article[], flaws: DepotFlaws) {
	const codes = c.req.query('codes')?.split('|');
	const foreign = c.req.query('foreign')?.split(',');
	const like = c.req.query('like')?.toLowerCase();
	const from = c.req.query('touchedFrom');
	if (c.req.query('sort') === 'touched') articles.sort((one, other) => one.touchedMs - other.touchedMs);
	const rows = articles
		.filter(({ code }) => !codes || codes.includes(String(code)))
		.filter((article) => !foreign || (!flaws.findsNoForeign && foreign.includes(article.foreign ?? '')))
		.filter(() => like === undefined || !flaws.findsNothing)
		.filter(({ sku, caption }) => like === undefined || `${sku} ${caption}`.toLowerCase().includes(like))
		.filter(({ touchedMs }) => from === undefined || Math.floor(touchedMs / 1000) >= Number(from));
	const skip = Number(c.req.query('skip') ?? 0);
	const start = flaws.repeatsRows && skip > 0 && !foreign && !codes ? skip - 1 : skip;
	return rows.slice(start, start + Number(c.req.query('take') ?? 10)).map(rowOf);
}
