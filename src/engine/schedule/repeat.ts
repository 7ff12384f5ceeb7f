import { errorText } from '../error-text.ts';
import type { Clock, Log } from '../ports.ts';

export type Chore = {
	everyMs: number;
	/** Waits for so long before it is done for the first time; 0 if not given. */
	afterMs?: number;
	/** What could not be done, for the log. */
	failed: string;
	work: () => Promise<void>;
};

/** Does a chore again and again until `signal` fires. One that fails is told, and tried again in its turn. */
export async function repeat(
	{ clock, log }: { clock: Clock; log: Log },
	{ everyMs, afterMs = 0, failed, work }: Chore,
	signal: AbortSignal
): Promise<void> {
	const rest = (ms: number) => clock.sleep(ms, signal).catch(() => undefined);
	if (afterMs > 0) await rest(afterMs);
	while (!signal.aborted) {
		try {
			await work();
		} catch (error) {
			log.warn(failed, { problem: errorText(error) });
		}
		await rest(everyMs);
	}
}
