import type { ExternalRecord } from '../connectors/connector.ts';
import { ConnectorError } from '../connectors/error.ts';
import { RunStopped, sendWindowMs, type RunContext } from './run-context.ts';
import { seenOf } from './seen.ts';

/** Failures of one record: where it is linked its link is marked and finds out by itself. */
const ofOneRecord: readonly string[] = ['invalid-reply', 'rejected', 'ambiguous', 'expired'];

/**
 * Reads the records that webhooks named, as a scan would have shown them: links whose record changed are marked, records
 * that are new are matched. What a webhook said about them plays no part.
 */
export async function readNamed(run: RunContext): Promise<void> {
	const { ports, channel, entity, resource } = run;
	const limit = Math.min(100, resource.capabilities.pageSize);
	for (;;) {
		await run.checkpoint('scan');
		// From before they are named: one of them may be unlinked while the question is on its way.
		const sendBy = ports.clock.monotonicMs() + sendWindowMs;
		const { taken, keys } = await ports.store.takeHints({ channelId: channel.id, entity, limit });
		for (let start = 0; start < keys.length; start += limit) {
			const records = await readSome(run, keys.slice(start, start + limit), sendBy);
			const stored = await ports.store.recordPage({
				channelId: channel.id,
				entity,
				records: records.map((one) => seenOf(entity, one)),
				complete: false,
				cursor: null,
				run: { runId: run.run.id, attempt: run.run.attempt }
			});
			if (stored === null) throw new RunStopped('stopping');
			run.shown.keep(records);
		}
		if (taken < limit) return;
	}
}

async function readSome(
	run: RunContext,
	keys: readonly { id: string; variantId: string }[],
	sendBy: number
): Promise<readonly ExternalRecord[]> {
	try {
		return await run.resource.read(keys, { signal: run.signal, sendBy });
	} catch (error) {
		if (error instanceof ConnectorError && ofOneRecord.includes(error.kind)) return [];
		throw error;
	}
}
