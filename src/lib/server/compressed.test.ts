import { brotliDecompressSync, createBrotliDecompress, gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { compressed } from './compressed.ts';

const page = `<table>${'<tr><td>SEED-0000001</td></tr>'.repeat(200)}</table>`;
const html = { 'content-type': 'text/html' };

function asked(encodings: string | null, method = 'GET'): Request {
	const headers = encodings === null ? undefined : { 'accept-encoding': encodings };
	return new Request('http://127.0.0.1/', { method, ...(headers && { headers }) });
}

async function bytesOf(response: Response): Promise<Buffer> {
	return Buffer.from(await response.arrayBuffer());
}

it('makes a page smaller, in the best way that the browser takes', async () => {
	const reply = () => new Response(page, { headers: { ...html, 'content-length': String(page.length), etag: '"a"' } });
	const brotli = compressed(asked('gzip, deflate, br'), reply());
	expect(Object.fromEntries(brotli.headers)).toEqual({
		...html,
		'content-encoding': 'br',
		etag: 'W/"a"',
		vary: 'accept-encoding'
	});
	const bytes = await bytesOf(brotli);
	expect(bytes.length).toBeLessThan(page.length / 10);
	expect(brotliDecompressSync(bytes).toString()).toBe(page);
	const gzip = compressed(asked('gzip, br;q=0'), reply());
	expect(gzip.headers.get('content-encoding')).toBe('gzip');
	expect(gunzipSync(await bytesOf(gzip)).toString()).toBe(page);
});

it('keeps status and every cookie', () => {
	const headers = new Headers(html);
	headers.append('set-cookie', 'a=1');
	headers.append('set-cookie', 'b=2');
	const reply = compressed(asked('br'), new Response(page, { status: 404, headers }));
	expect(reply.status).toBe(404);
	expect(reply.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
});

it('leaves alone what the browser would not take, what is small, and what is no text', async () => {
	const left = [
		[asked(null), html],
		[asked('identity'), html],
		[asked('br', 'HEAD'), html],
		[asked('br'), { 'content-type': 'text/event-stream' }],
		[asked('br'), { 'content-type': 'image/png' }],
		[asked('br'), { ...html, 'content-length': '20' }],
		[asked('br'), { ...html, 'content-encoding': 'zstd' }]
	] as const;
	for (const [request, headers] of left) {
		const reply = compressed(request, new Response(page, { headers }));
		expect(reply.headers.get('content-encoding')).toBe('content-encoding' in headers ? 'zstd' : null);
		expect(await reply.text()).toBe(page);
	}
	expect(compressed(asked('br'), new Response(null, { status: 303 })).body).toBeNull();
});

it('sends each part of a page when it is written, and ends its source with the reader', async () => {
	let ended = false;
	let write = (part: string): void => void part;
	const source = new ReadableStream<Uint8Array>({
		start(controller) {
			write = (part) => controller.enqueue(new TextEncoder().encode(part));
		},
		cancel() {
			ended = true;
		}
	});
	const { body } = compressed(asked('br'), new Response(source, { headers: html }));
	const reader = (body as ReadableStream<Uint8Array>).getReader();
	const decoder = createBrotliDecompress();
	const read = async () => {
		const { value } = await reader.read();
		const shown = new Promise((resolve) => decoder.once('data', (data: Buffer) => resolve(data.toString())));
		decoder.write(value);
		return await shown;
	};
	write('<h1>Links</h1>');
	expect(await read()).toBe('<h1>Links</h1>');
	write('<p>1,000</p>');
	expect(await read()).toBe('<p>1,000</p>');
	await reader.cancel();
	await expect.poll(() => ended).toBe(true);
});
