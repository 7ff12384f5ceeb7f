/** How often a channel is listed as a whole, whatever its list of changes shows: finds deletions, and changes that move no stamp. */
export const sweepEverySeconds = 24 * 3600;

/** How long a change can go unseen, in milliseconds, until the run that sees it starts. */
export type StalenessBound = {
	/** A change of ours. */
	oursMs: number;
	/** A change at the channel. */
	theirsMs: number;
	/** What the channel's list of changes leaves out; null where nothing is: each run compares everything. */
	hiddenMs: number | null;
};

/**
 * The bound that schedule, overlap and sweep keep. `longestGapMs` is the longest time between two runs. A transaction of
 * the channel may stamp its rows early and show them late; its longest is what a scan reaches back for (`feed.overlapMs`).
 * `feed` null = the channel does not list changes. `untold`: our records are kept where nothing tells of changes, so that only
 * a sweep finds them.
 */
export function stalenessBound({
	longestGapMs,
	feed,
	untold = false
}: {
	longestGapMs: number;
	feed: { overlapMs: number } | null;
	untold?: boolean;
}): StalenessBound {
	// The sweep is due at the first run after its time is over.
	if (feed) {
		const hiddenMs = sweepEverySeconds * 1000 + longestGapMs;
		return { oursMs: untold ? hiddenMs : longestGapMs, theirsMs: longestGapMs + feed.overlapMs, hiddenMs };
	}
	return { oursMs: longestGapMs, theirsMs: longestGapMs, hiddenMs: null };
}
