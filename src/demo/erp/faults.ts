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
	const started = new Map<FaultName, { untilMs: number; only: string }>();
	const leftMs = (name: FaultName) => Math.max(0, (started.get(name)?.untilMs ?? 0) - nowMs());
	const only = (name: FaultName) => (leftMs(name) > 0 ? (started.get(name)?.only ?? '') : '');
	return {
		on: (name: FaultName): boolean => leftMs(name) > 0,
		/** How long it goes on, 0 when it is off. */
		leftMs,
		/** The code of the one record that it is meant for; empty where any will do. */
		only,
		start: (name: FaultName, code = ''): void =>
			void started.set(name, { untilMs: nowMs() + faultLastsMs, only: code.trim().slice(0, 200) }),
		end: (name: FaultName): void => void started.delete(name),
		/** Whether it was on, and meant for a record of this code; then it is off from now on. */
		take(name: FaultName, code: string): boolean {
			const wanted = only(name);
			if (leftMs(name) === 0 || (wanted !== '' && wanted.toLowerCase() !== code.toLowerCase())) return false;
			started.delete(name);
			return true;
		}
	};
}
