import { m } from '#src/lib/paraglide/messages.js';

/**
 * The page for "no database": needs nothing but this text, and asks again by itself.
 * Scripts of an open page get JSON, which SvelteKit shows on its error page.
 */
export function databaseDownResponse(asked: 'page' | 'data' | 'action'): Response {
	const headers = { 'cache-control': 'no-store', 'retry-after': '5' };
	const body = { kind: 'database', message: m.error_database(), hint: m.error_database_hint() };
	if (asked === 'data') return Response.json(body, { status: 503, headers });
	if (asked === 'action') return Response.json({ type: 'error', status: 503, error: body }, { status: 503, headers });
	return new Response(page(body.message, body.hint), {
		status: 503,
		headers: {
			...headers,
			'content-type': 'text/html; charset=utf-8',
			'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
			'x-content-type-options': 'nosniff'
		}
	});
}

function page(title: string, hint: string): string {
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5"><title>${title}</title><style>
:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;font:15px/1.5 system-ui,sans-serif;
background:light-dark(#f6f7f9,#0e1014);color:light-dark(#171a21,#e8ebf0)}main{max-width:30rem;padding:2rem}
h1{font-size:1.3rem;margin:0 0 .4rem}p{margin:0;color:light-dark(#565e6d,#a0a9b8)}</style></head>
<body><main role="alert"><h1>${title}</h1><p>${hint}</p></main></body></html>`;
}
