import { getContext, setContext } from 'svelte';

const key = Symbol('reader');
const tickMs = 20_000;

/** Who reads: their zone, and the time "5 minutes ago" counts from. */
export type Reader = { readonly zone: string; readonly now: number };

/** Called once, in the root layout. The time is the server's, and moves on in the browser. */
export function provideReader(zone: () => string, now: () => string): void {
	let elapsedMs = $state(0);
	$effect(() => {
		now();
		elapsedMs = 0;
		const started = performance.now();
		const timer = setInterval(() => (elapsedMs = performance.now() - started), tickMs);
		return () => clearInterval(timer);
	});
	setContext<Reader>(key, {
		get zone() {
			return zone();
		},
		get now() {
			return Date.parse(now()) + elapsedMs;
		}
	});
}

export function reader(): Reader {
	return getContext<Reader>(key);
}
