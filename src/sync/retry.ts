/** Why a try on one link failed: the kinds of ConnectorError. */
export type FailureKind =
	| 'unreachable'
	| 'rate-limited'
	| 'unauthorized'
	| 'missing'
	| 'rejected'
	| 'conflict'
	| 'duplicate'
	| 'ambiguous'
	| 'invalid-reply'
	| 'misconfigured'
	| 'expired';

/** Failures of one link before a person must act. */
export const triesBeforeQuarantine = 5;

/** Tries in a row that lost a race and are repeated at once; whoever loops counts them. */
export const racesInARow = 20;

const baseDelayMs = 2_000;
const longestDelayMs = 300_000;
/** A channel cannot park a link for longer than this, whatever it says. */
const longestRetryAfterMs = 3_600_000;

/** The race was lost before anything was written: gather again at once. */
const raced: ReadonlySet<FailureKind> = new Set(['conflict', 'expired']);
/** The channel as a whole fails; the link is not to blame. */
const systemic: ReadonlySet<FailureKind> = new Set(['unreachable', 'rate-limited', 'unauthorized', 'misconfigured']);

/**
 * When a link is tried again, with full jitter, or that it is set aside. `tries` = failures counted before this one;
 * the returned `tries` includes this one where it counts. Lost races and failures of the whole channel do not count.
 * `random` gives a number in [0, 1).
 */
export function nextTry(
	tries: number,
	kind: FailureKind,
	retryAfterMs: number | undefined,
	random: () => number
): { tries: number; delayMs: number } | 'quarantine' {
	if (raced.has(kind)) return { tries, delayMs: 0 };
	const counted = systemic.has(kind) ? tries : tries + 1;
	if (!systemic.has(kind) && counted >= triesBeforeQuarantine) return 'quarantine';
	const ceilingMs = Math.min(longestDelayMs, baseDelayMs * 2 ** Math.max(0, counted - 1));
	const askedMs = Math.min(longestRetryAfterMs, Math.max(0, retryAfterMs ?? 0));
	return { tries: counted, delayMs: askedMs + Math.round(random() * ceilingMs) };
}

/** How long a channel is left alone after `failures` runs in a row could not use it: 5 s, 15 s, 45 s ... at most 5 min. */
export function runBackoffMs(failures: number): number {
	if (failures <= 0) return 0;
	return Math.min(longestDelayMs, 5_000 * 3 ** Math.min(failures - 1, 10));
}
