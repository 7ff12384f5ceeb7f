import { invalidate } from '$app/navigation';
import { navigating } from '$app/state';
import { onMount } from 'svelte';

/**
 * Loads what depends on `names` anew every `everyMs` while the page is looked at and `wanted`. Never while another page is on
 * its way: that would drop the click that asked for it, and a message that is shown once.
 */
export function keepFresh(names: readonly string[], everyMs: number, wanted: () => boolean = () => true): void {
	onMount(() => {
		const timer = setInterval(() => {
			if (navigating.to !== null || document.visibilityState !== 'visible' || !wanted()) return;
			for (const name of names) void invalidate(name);
		}, everyMs);
		return () => clearInterval(timer);
	});
}
