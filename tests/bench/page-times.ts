import type { Page } from './seeded-pages.ts';
import type { SeededWeb } from './seeded-web.ts';

export const atOnce = 8;
export const perRound = 24;

/** Milliseconds until the last byte, of `perRound` requests in `atOnce` lanes. */
export async function requests(web: SeededWeb, page: Page): Promise<number[]> {
	const took: number[] = [];
	let left = perRound;
	const lane = async () => {
		while (left-- > 0) {
			const startedAt = performance.now();
			const reply = await fetch(web.url + page.path, { headers: { cookie: web.cookie, accept: 'text/html' } });
			await reply.arrayBuffer();
			if (reply.status !== 200) throw new Error(`${page.path} was answered with ${reply.status}`);
			took.push(performance.now() - startedAt);
		}
	};
	await Promise.all(Array.from({ length: atOnce }, lane));
	return took;
}

/** How much such a page brings, as HTML in kB: what says that two of them show as much. */
export async function kilobytes(web: SeededWeb, page: Page): Promise<number> {
	const reply = await fetch(web.url + page.path, { headers: { cookie: web.cookie, accept: 'text/html' } });
	return Math.round((await reply.arrayBuffer()).byteLength / 1000);
}

/** The number that this share of the numbers does not exceed; 0 of none. */
export function percentile(numbers: readonly number[], share: number): number {
	const sorted = numbers.toSorted((a, b) => a - b);
	return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}
