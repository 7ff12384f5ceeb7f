import type { CallOptions } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { MemoryChannel } from './create-memory-channel.ts';
import type { Fault, MemoryMethod } from './options.ts';

type Request = { method: MemoryMethod; entity: string; ids: readonly string[]; options: CallOptions | undefined };

/** One call over the imagined network: deadline check, way there, effect, way back, with the faults of the plan. */
export type Exchange = <Result>(request: Request, perform: (fault: Fault | undefined) => Result) => Promise<Result>;

export function createExchange(channel: MemoryChannel, key: string): Exchange {
	const { clock, pause, key: wanted } = channel.options;
	return async ({ method, entity, ids, options }, perform) => {
		// Real calls never answer in the same turn.
		await Promise.resolve();
		if (options?.signal?.aborted) throw failure('expired', 'The call was cancelled before it was sent.');
		if (options?.sendBy !== undefined && clock.monotonicMs() > options.sendBy) {
			throw failure('expired', 'The time for this call ran out before it was sent.');
		}
		const { call, fault } = channel.inside.receive(method, entity, ids);
		await pause?.('before', call);
		if (fault?.kind === 'fails') throw failing(fault);
		if (wanted !== undefined && key !== wanted) {
			throw failure('unauthorized', 'The channel refused the key. Renew the key of this channel.');
		}
		const result = perform(fault);
		await pause?.('after', call);
		if (fault?.kind === 'reply-lost' || fault?.kind === 'lands-late') {
			throw failure('unreachable', 'The memory channel did not answer in time.');
		}
		return result;
	};
}

function failing({ as, retryAfterMs }: Extract<Fault, { kind: 'fails' }>): ConnectorError {
	const hint = `The memory channel was told to fail (${as}).`;
	return new ConnectorError(as, { hint, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

function failure(kind: 'expired' | 'unauthorized' | 'unreachable', hint: string): ConnectorError {
	return new ConnectorError(kind, { hint });
}
