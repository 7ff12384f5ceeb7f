const pollMs = 3_000;
const quietMs = 400;

/**
 * Calls `changed` whenever the run has news: from the stream of events, or every 3 seconds while there is none.
 * Returns what ends it.
 */
export function followRun(runId: string, changed: () => void): () => void {
	let pending: ReturnType<typeof setTimeout> | undefined;
	const soon = () => {
		pending ??= setTimeout(() => {
			pending = undefined;
			changed();
		}, quietMs);
	};
	const source = new EventSource(`/runs/${runId}/events`);
	source.onmessage = soon;
	for (const name of ['run', 'progress', 'item', 'state', 'done', 'end']) source.addEventListener(name, soon);
	const poll = setInterval(() => {
		if (source.readyState !== EventSource.OPEN) changed();
	}, pollMs);
	return () => {
		source.close();
		clearInterval(poll);
		clearTimeout(pending);
	};
}
