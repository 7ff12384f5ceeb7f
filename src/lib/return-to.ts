const anywhere = 'http://return.invalid';
// eslint-disable-next-line no-control-regex -- browsers drop control characters, which could turn a path into another host
const unsafe = /[\\\u0000-\u001f]/;

/**
 * A path of this application from what a form or an address says, else `fallback`.
 * Whatever a browser would read as another host ("//evil", "/\evil", "https:…") is refused.
 */
export function safeReturnTo(text: unknown, fallback = '/'): string {
	if (typeof text !== 'string' || !text.startsWith('/') || unsafe.test(text)) return fallback;
	let url: URL;
	try {
		url = new URL(text, anywhere);
	} catch {
		return fallback;
	}
	if (url.origin !== anywhere || url.pathname.startsWith('//')) return fallback;
	return `${url.pathname}${url.search}${url.hash}`;
}

/** Path and query of the page to come back to, without the name of a form action ("?/pause"). */
export function pathOf(url: URL): string {
	const query = new URLSearchParams([...url.searchParams].filter(([name]) => !name.startsWith('/')));
	const text = query.toString();
	return text === '' ? url.pathname : `${url.pathname}?${text}`;
}
