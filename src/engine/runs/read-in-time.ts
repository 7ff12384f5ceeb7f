import type { ExternalKey, ExternalRecord } from '../connectors/connector.ts';
import { ConnectorError } from '../connectors/error.ts';
import type { RunContext } from './run-context.ts';

/** The records of these ids; null where the question could not leave in time. */
export async function readInTime(
	run: RunContext,
	keys: readonly ExternalKey[],
	sendBy: number
): Promise<readonly ExternalRecord[] | null> {
	try {
		return await run.resource.read(keys, { signal: run.signal, sendBy });
	} catch (error) {
		if (error instanceof ConnectorError && error.kind === 'expired') return null;
		throw error;
	}
}
