import type { Entity } from '#src/entities/entity.ts';
import type { CeilingKind } from '#src/store/commit-links.ts';
import { ceilingLimit } from '#src/store/commit-links.ts';
import type { ChannelState } from '#src/store/load-channel.ts';
import type { RunRow } from '#src/store/begin-run.ts';
import type { Clocks } from '../clocks.ts';
import type { Resource, Session } from '../connectors/connector.ts';
import type { Ports } from '../ports.ts';
import type { ShownRecords } from './shown-records.ts';

/** Everything the steps of one run share. */
export type RunContext = {
	ports: Ports;
	clocks: Clocks;
	entity: Entity;
	channel: ChannelState;
	session: Session;
	resource: Resource;
	run: RunRow;
	signal: AbortSignal;
	/** What went over a ceiling in this run: these effects wait for a person. */
	held: Set<CeilingKind>;
	/** Pushes that are committed, sent and confirmed together: as many as leave well within the send window. */
	pace: {
		writesAtOnce: number;
		/** Links taken together that need no read, as the feed has shown their records: only their commit takes time. */
		shownAtOnce: number;
	};
	/** Links whose record one read of this run did not show; another one makes it an absence. */
	suspects: Set<string>;
	/** What the change feed showed in this run. */
	shown: ShownRecords;
	/** The database's time as the last claim told it, and what this process's monotonic clock said then. */
	databaseTime: { ms: number; monotonicMs: number };
	/** Failures of single records, which make the run `partial`. */
	failures: { count: number };
	/** Takes over what a person has set for the channel meanwhile; throws RunStopped where it is gone. */
	followSettings(): Promise<void>;
	/** Says that the run is alive; throws RunStopped when it was cancelled, paused or taken away. */
	checkpoint(phase: string): Promise<void>;
};

/** The run must end here, with what it has done so far. */
export class RunStopped extends Error {
	override readonly name = 'RunStopped';
	readonly reason: 'cancelled' | 'paused' | 'stopping';

	constructor(reason: 'cancelled' | 'paused' | 'stopping') {
		super(`run stopped: ${reason}`);
		this.reason = reason;
	}
}

/** The run ends here and waits for a person. */
export class RunHeld extends Error {
	override readonly name = 'RunHeld';
	readonly hint: string;

	constructor(message: string, hint: string) {
		super(message);
		this.hint = hint;
	}
}

/** A request leaves at most this long after its link was seen to exist: what makes an unlink final. */
export const sendWindowMs = 2_000;
/** Total time one request may take; the transport's own default. */
export const requestTimeoutMs = 10_000;
/** How long a claim holds: longer than a send window and a request together. */
export const leaseMs = 15_000;
/** Where a true precondition guards each write, a claim saves double work only: a dead worker's links are free again soon. */
const guardedLeaseMs = 5_000;

/** How long a claim on a link of this channel holds. */
export function linkLeaseMs({ capabilities }: Resource): number {
	return capabilities.precondition.kind === 'strict' ? guardedLeaseMs : leaseMs;
}

/** The database's time now, in ms since 1970: the one clock that all engines share. */
export function databaseNowMs({ databaseTime, ports }: RunContext): number {
	return databaseTime.ms + ports.clock.monotonicMs() - databaseTime.monotonicMs;
}

/** Ceilings of the channel in numbers of effects. */
export function limitsOf(channel: ChannelState): Record<CeilingKind, number> {
	const { ceilings } = channel.policy;
	return {
		creates: ceilingLimit(ceilings.creates, channel.links),
		deactivations: ceilingLimit(ceilings.deactivations, channel.links),
		updates: ceilingLimit(ceilings.updates, channel.links)
	};
}
