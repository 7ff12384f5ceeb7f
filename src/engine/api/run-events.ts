import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { readRun } from '#src/mappings/read-run.ts';
import { runProgress } from '#src/mappings/run-progress.ts';
import { errorText } from '../error-text.ts';
import type { ApiPorts } from './api-ports.ts';

const pollMs = 500;
const commentEveryMs = 15_000;

/**
 * Streams a run: `progress` with the run as data whenever a slice of it was committed or its state changed, `end` when it
 * is over. Ids are those of the slices; what Last-Event-ID had already is not sent again.
 */
export function streamRun(ports: ApiPorts, c: Context, runId: string): Response {
	const { db, clock, log, ending } = ports;
	const resumedFrom = /^\d{1,18}$/.exec(c.req.header('last-event-id') ?? '')?.[0];
	const closed = new AbortController();
	const signal = AbortSignal.any([closed.signal, ending]);
	// Proxies must not collect the events.
	c.header('x-accel-buffering', 'no');
	return streamSSE(
		c,
		async (stream) => {
			stream.onAbort(() => closed.abort());
			let sent = resumedFrom === undefined ? '' : `${resumedFrom} running`;
			let spokeMs = clock.monotonicMs();
			while (!signal.aborted) {
				const progress = await runProgress(db, { runId });
				if (!progress) return;
				const over = progress.state !== 'queued' && progress.state !== 'running';
				const mark = `${progress.lastBatchId} ${progress.state}`;
				if (over || mark !== sent) {
					const run = await readRun(db, { id: runId });
					await stream.writeSSE({
						event: over ? 'end' : 'progress',
						id: progress.lastBatchId,
						data: JSON.stringify(run)
					});
					sent = mark;
					spokeMs = clock.monotonicMs();
					if (over) return;
				} else if (clock.monotonicMs() - spokeMs >= commentEveryMs) {
					await stream.write(': still here\n\n');
					spokeMs = clock.monotonicMs();
				}
				await clock.sleep(pollMs, signal).catch(() => undefined);
			}
		},
		async (error) => {
			log.warn('run events ended', { runId, problem: errorText(error) });
		}
	);
}
