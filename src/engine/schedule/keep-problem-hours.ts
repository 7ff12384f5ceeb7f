import { errorText } from '../error-text.ts';
import type { Clock, Log } from '../ports.ts';

const lookEveryMs = 60_000;

/** Has the figure of every hour kept, until `signal` fires. */
export async function keepProblemHours(
	{ clock, log, keep }: { clock: Clock; log: Log; keep: () => Promise<void> },
	signal: AbortSignal
): Promise<void> {
	while (!signal.aborted) {
		try {
			await keep();
		} catch (error) {
			log.warn('open problems of this hour could not be kept', { problem: errorText(error) });
		}
		await clock.sleep(lookEveryMs, signal).catch(() => undefined);
	}
}
