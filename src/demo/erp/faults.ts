/** Trouble that the demo system can make on purpose. */
export const faultNames = ['lose-reply', 'empty-listing', 'refuse-writes', 'slow', 'rate-limit'] as const;
export type FaultName = (typeof faultNames)[number];

/** Trouble ends by itself after so long, so that nobody forgets it. */
export const faultLastsMs = 180_000;
/** What each call of the API waits for while the system is slow. */
export const slowByMs = 2_500;
/** What a caller is told to wait for while it is asked to slow down. */
export const retryAfterSeconds = 5;

/** Which trouble is on, in memory: a restart ends all of it. */
export type Faults = ReturnType<typeof createFaults>;

/** No trouble yet. `nowMs` is any clock in milliseconds. */
export function createFaults(nowMs: () => number) {
	const untilMs = new Map<FaultName, number>();
	const leftMs = (name: FaultName) => Math.max(0, (untilMs.get(name) ?? 0) - nowMs());
	return {
		on: (name: FaultName): boolean => leftMs(name) > 0,
		/** How long it goes on, 0 when it is off. */
		leftMs,
		start: (name: FaultName): void => void untilMs.set(name, nowMs() + faultLastsMs),
		end: (name: FaultName): void => void untilMs.delete(name),
		/** Whether it was on; it is off from now on. */
		take(name: FaultName): boolean {
			const was = leftMs(name) > 0;
			untilMs.delete(name);
			return was;
		}
	};
}
