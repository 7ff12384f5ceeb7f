/** What one HTTP exchange tells of the server's clock. All in ms since 1970, by the clock named. */
export type ClockSample = {
	/** Ours, before the request left. */
	sentAtMs: number;
	/** Ours, after the reply came. */
	receivedAtMs: number;
	/** The server's, as it said it, cut to its resolution. */
	serverMs: number;
	/** 1000 for an HTTP `Date` header. */
	resolutionMs: number;
};

/** Bounds on (server clock - ours) as they stood at `atMs` of our clock; null = never measured. */
export type ClockOffset = { lowMs: number; highMs: number; atMs: number } | null;

export const initialOffset: ClockOffset = null;

/** How fast two undisciplined clocks drift apart: 100 ppm, twice what a bad quartz does. */
const driftRate = 0.0001;

/**
 * Narrows the bounds by one exchange (Marzullo's intersection): the server read its clock at some moment between
 * sending and receiving. A sample that contradicts the bounds means that a clock was set: only the sample counts then.
 * A sample that ends before it starts, or is no number, changes nothing.
 */
export function observe(state: ClockOffset, sample: ClockSample): ClockOffset {
	const { sentAtMs, receivedAtMs, serverMs, resolutionMs } = sample;
	const tookMs = receivedAtMs - sentAtMs;
	if (!(tookMs >= 0) || !(resolutionMs >= 0) || !Number.isFinite(serverMs)) return state;
	const driftMs = tookMs * driftRate;
	const fresh = {
		lowMs: serverMs - receivedAtMs - driftMs,
		highMs: serverMs + resolutionMs - sentAtMs + driftMs,
		atMs: receivedAtMs
	};
	const known = aged(state, receivedAtMs);
	if (!known) return fresh;
	const lowMs = Math.max(known.lowMs, fresh.lowMs);
	const highMs = Math.min(known.highMs, fresh.highMs);
	return lowMs <= highMs ? { lowMs, highMs, atMs: receivedAtMs } : fresh;
}

/** The server's clock minus ours at `nowMs`, and by how much that may be wrong either way; null = never measured. */
export function estimate(state: ClockOffset, nowMs: number): { offsetMs: number; uncertaintyMs: number } | null {
	const now = aged(state, nowMs);
	return now && { offsetMs: (now.lowMs + now.highMs) / 2, uncertaintyMs: (now.highMs - now.lowMs) / 2 };
}

function aged(state: ClockOffset, nowMs: number): ClockOffset {
	if (!state) return null;
	const driftMs = Math.abs(nowMs - state.atMs) * driftRate;
	return { lowMs: state.lowMs - driftMs, highMs: state.highMs + driftMs, atMs: nowMs };
}
