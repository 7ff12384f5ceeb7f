import { page } from '$app/state';
import { getContext, setContext } from 'svelte';

const key = Symbol('reader');
const tickMs = 20_000;

/** Who reads: their zone, and the time "5 minutes ago" counts from. */
export type Reader = { readonly zone: string; readonly now: number };

/** Called once, in the root layout. The time is the server's, and moves on in the browser. */
export function provideReader(zone: () => string, now: () => string): void {
	let elapsedMs = $state(0);
	let startedMs = 0;
	$effect.pre(() => {
		now();
		elapsedMs = 0;
		startedMs = performance.now();
		const timer = setInterval(() => (elapsedMs = performance.now() - startedMs), tickMs);
		return () => clearInterval(timer);
	});
	// What is loaded anew between two ticks is later than the last tick: counted from there it would lie in the future.
	$effect.pre(() => {
		void page.data;
		elapsedMs = performance.now() - startedMs;
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
