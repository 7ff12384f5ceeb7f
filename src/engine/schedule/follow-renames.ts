import { errorText } from '../error-text.ts';
import type { Clock, Log } from '../ports.ts';

const lookEveryMs = 5_000;

/** Has records follow that are called after a renamed one, slice by slice, until `signal` fires. */
export async function followRenames(
	{ clock, log, follow }: { clock: Clock; log: Log; follow: () => Promise<boolean> },
	signal: AbortSignal
): Promise<void> {
	while (!signal.aborted) {
		try {
			if (await follow()) continue;
		} catch (error) {
			log.warn('records could not follow one that was renamed', { problem: errorText(error) });
		}
		await clock.sleep(lookEveryMs, signal).catch(() => undefined);
	}
}
