import postgres from 'postgres';
import type { SeededWeb } from './seeded-web.ts';

/**
 * A page to be asked for, by the name it has in the figures. Words that fill a page of a million links are met by a few of a
 * thousand only: there `pathOfFew`, other words that fill it, is the same page.
 */
export type Page = { name: string; path: string; pathOfFew?: string };

const pagesIn = 20;

/** Every list page with its filters, searches and a place deep inside, and the pages of one record, as addresses of this web. */
export async function pageAddresses(web: SeededWeb): Promise<Page[]> {
	const sql = postgres(web.databaseUrl, { max: 1, onnotice: () => undefined });
	const [row] = await sql<{ channel: string; link: string; record: string; code: string; external: string }[]>`
		select c.id::text as channel, m.id::text as link, p.id::text as record, p.value as code, m.external_product_id as external
		from c_channel c join c_channel_map_product m on m.c_channel_id = c.id join m_product p on p.id = m.m_product_id
		where c.name = 'Seeded' and p.value = 'SEED-0000503'`;
	await sql.end();
	if (!row) throw new Error('the seeded link is not there');
	const channel = `/channels/${row.channel}`;
	const links = `${channel}/links?entity=product`;
	return [
		{ name: 'home', path: '/' },
		{ name: 'channel', path: channel },
		{ name: 'list', path: links },
		{ name: 'list-deep', path: await deepInside(web, links) },
		{ name: 'list-in-sync', path: `${links}&status=in-sync` },
		{ name: 'list-quarantined', path: `${links}&status=quarantined` },
		{ name: 'list-search-code', path: `${links}&q=${row.code}` },
		{ name: 'list-search-external', path: `${links}&q=${row.external}` },
		{ name: 'list-search-name', path: `${links}&q=Fjord+stove+1`, pathOfFew: `${links}&q=Fjord` },
		{ name: 'list-search-rare', path: `${links}&q=Harbour+0000503` },
		{ name: 'list-search-nothing', path: `${links}&q=nothing+of+this+name` },
		{ name: 'unlinked-ours', path: `${channel}/unlinked?entity=product&side=internal` },
		{ name: 'unlinked-theirs', path: `${channel}/unlinked?entity=product&side=external` },
		{ name: 'suggestions', path: `${channel}/suggestions?entity=product` },
		{ name: 'conflicts', path: `${channel}/conflicts?entity=product` },
		{ name: 'inbox', path: '/inbox' },
		{ name: 'inbox-conflicts', path: '/inbox?kind=conflicts' },
		{ name: 'inbox-problems', path: '/inbox?kind=problems' },
		{ name: 'inbox-suggestions', path: '/inbox?kind=suggestions' },
		{ name: 'records', path: '/records/product' },
		{ name: 'records-search', path: '/records/product?q=Summit+rope', pathOfFew: '/records/product?q=Summit' },
		{ name: 'search-code', path: `/search?q=${row.code}` },
		{ name: 'search-name', path: '/search?q=Harbour+axe', pathOfFew: '/search?q=Harbour' },
		{ name: 'activity', path: '/runs' },
		{ name: 'record', path: `/records/product/${row.record}` },
		{ name: 'record-tab', path: `/records/product/${row.record}/channels` },
		{ name: 'link', path: `/links/product/${row.link}` }
	];
}

/** The address some pages further, as the link "Next" of each leads there. */
async function deepInside(web: SeededWeb, path: string): Promise<string> {
	let at = path;
	for (let page = 0; page < pagesIn; page++) {
		const reply = await fetch(web.url + at, { headers: { cookie: web.cookie } });
		const next = /<a[^>]*rel="next"[^>]*>/.exec(await reply.text())?.[0];
		const href = next && /href="([^"]+)"/.exec(next)?.[1]?.replaceAll('&amp;', '&');
		if (!href) return at;
		at = href.startsWith('?') ? path.split('?')[0] + href : href;
	}
	return at;
}
