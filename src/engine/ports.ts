import type { Connector } from './connectors/connector.ts';
import type { Transport } from './connectors/transport.ts';
import type { Kept } from './kept.ts';
import type { Queue } from './queue/queue.ts';
import type { Store } from '#src/store/store.ts';

/** Time as the engine sees it. Made once in main.ts; the simulator hands in its own. */
export type Clock = {
	/** Wall clock, milliseconds since 1970 with fractions. */
	nowMs(): number;
	/** Monotonic milliseconds; never jumps. */
	monotonicMs(): number;
	/** Resolves after `ms`, or rejects with the signal's reason. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export type Random = {
	/** 0 <= x < 1 */
	number(): number;
	uuid(): string;
};

/** Structured log. Values are ids, counts and kinds; never credentials or whole records. */
export type Log = {
	info(message: string, detail?: Record<string, unknown>): void;
	warn(message: string, detail?: Record<string, unknown>): void;
	error(message: string, detail?: Record<string, unknown>): void;
};

/** Everything the engine needs from outside. The same engine runs in main.ts, in tests and in the simulator. */
export type Ports = {
	clock: Clock;
	random: Random;
	transport: Transport;
	connectors: readonly Connector[];
	queue: Queue;
	store: Store;
	/** Opens a sealed credential: channel id and field name are bound to it. */
	unseal(sealed: string, channelId: string, field: string): string;
	log: Log;
	/** Absent = each session of a channel logs in by itself. */
	kept?: Kept;
	/** Identifies this process in claims. */
	workerId: string;
};
