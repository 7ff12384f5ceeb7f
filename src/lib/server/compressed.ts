import { Duplex } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';

/** Below this a reply fits into one packet anyway. */
const fromBytes = 1_400;
/** Text that is sent as a whole or in parts; not a stream of events, of which each must leave at once. */
const compressible = /^(?:text\/(?!event-stream)|application\/json\b)/;
/** In parts: what was written leaves at once, for pages whose lists follow their frame. */
const encoders = {
	br: () =>
		createBrotliCompress({
			flush: constants.BROTLI_OPERATION_FLUSH,
			// 3 makes a list smaller than gzip ever does, in less time; the default, 11, takes a hundred times as long.
			params: { [constants.BROTLI_PARAM_QUALITY]: 3, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT }
		}),
	gzip: () => createGzip({ flush: constants.Z_SYNC_FLUSH })
} as const;

/** The reply as the browser takes it: compressed, where it is text of some length and nobody did so before. */
export function compressed(request: Request, response: Response): Response {
	const { body, headers } = response;
	if (!body || !compressible.test(headers.get('content-type') ?? '') || headers.has('content-encoding'))
		return response;
	headers.append('vary', 'accept-encoding');
	const encoding = accepted(request.headers.get('accept-encoding'));
	const length = headers.get('content-length');
	if (!encoding || request.method === 'HEAD' || (length !== null && Number(length) < fromBytes)) return response;
	headers.set('content-encoding', encoding);
	headers.delete('content-length');
	const etag = headers.get('etag');
	// The same page in other bytes: equal in meaning only.
	if (etag?.startsWith('"')) headers.set('etag', `W/${etag}`);
	const encoder = Duplex.toWeb(encoders[encoding]()) as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;
	return new Response(body.pipeThrough(encoder), response);
}

function accepted(header: string | null): keyof typeof encoders | null {
	const wanted = (header ?? '').split(',').flatMap((part) => {
		const [name = '', ...options] = part.split(';').map((text) => text.trim().toLowerCase());
		return options.some((option) => /^q=0(?:\.0*)?$/.test(option)) ? [] : [name];
	});
	return wanted.includes('br') ? 'br' : wanted.includes('gzip') ? 'gzip' : null;
}
