/**
 * Lets the head of a table stay in sight as the page moves, wherever the table fits into `box`. What scrolls sideways would hold
 * the head back, so a box does so only where it must: the attribute `data-roomy` says that everything fits.
 */
export function roomy(box: HTMLElement): () => void {
	const watched = new Set<Element>();
	const observer = new ResizeObserver(() => {
		const parts = [...box.children];
		// Tables come and go, and grow wider than a box that keeps its size.
		for (const part of parts.filter((part) => !watched.has(part))) observer.observe(part);
		parts.forEach((part) => watched.add(part));
		const fits = parts.every((part) => part.scrollWidth <= box.clientWidth);
		box.toggleAttribute('data-roomy', fits && parts.some((part) => part.matches('.table')));
	});
	observer.observe(box);
	return () => observer.disconnect();
}
