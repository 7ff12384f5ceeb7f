import { estimate, initialOffset, observe, type ClockOffset, type ClockSample } from '#src/sync/clock-offset.ts';
import type { StampFacts } from '#src/sync/decide.ts';
import { epochMicros } from '#src/sync/settle.ts';
import { serverDateOf } from './connectors/http.ts';
import type { Transport } from './connectors/transport.ts';
import type { Clock } from './ports.ts';

/** What this process has measured of other clocks: each channel's and the database's, all against its own. */
export type Clocks = {
	/**
	 * Wraps a channel's transport so that each reply narrows what is known of the channel's clock. After a reply of the
	 * channel itself without any time, an earlier time may have been that of a machine in between: it is doubted until
	 * a reply tells the time again.
	 */
	measure(channelId: string, transport: Transport): Transport;
	/** A connector that is not spoken to over HTTP told the channel's time. */
	observeChannel(channelId: string, sample: ClockSample): void;
	/** One statement told the database's time. */
	observeDatabase(sentAtMs: number, receivedAtMs: number, databaseNow: string): void;
	/** The channel's clock minus the database's; null while one of the two is not measured, or doubted. */
	channelAgainstDatabase(channelId: string): StampFacts['clock'];
	/** The channel's time at that moment of our clock, at the earliest it may be; ours while not measured, and at most ours while doubted. */
	channelTimeMs(channelId: string, atMs: number): number;
};

/** Keeps the measurements of one engine. */
export function createClocks(clock: Clock): Clocks {
	const channels = new Map<string, ClockOffset>();
	const doubted = new Set<string>();
	let database: ClockOffset = initialOffset;

	const observeChannel = (channelId: string, sample: ClockSample) => {
		doubted.delete(channelId);
		channels.set(channelId, observe(channels.get(channelId) ?? initialOffset, sample));
	};

	return {
		measure(channelId, transport) {
			return async (request) => {
				const sentAtMs = clock.nowMs();
				const reply = await transport(request);
				if (request.hasOtherClock) return reply;
				const date = serverDateOf(reply.headers, request.clockHeader);
				if (!date) {
					if (reply.status >= 200 && reply.status < 300) doubted.add(channelId);
				} else {
					const { serverDate: serverMs, resolutionMs } = date;
					observeChannel(channelId, { sentAtMs, receivedAtMs: clock.nowMs(), serverMs, resolutionMs });
				}
				return reply;
			};
		},
		observeChannel,
		observeDatabase(sentAtMs, receivedAtMs, databaseNow) {
			const micros = epochMicros(databaseNow);
			if (micros === null) return;
			database = observe(database, { sentAtMs, receivedAtMs, serverMs: Number(micros) / 1000, resolutionMs: 0 });
		},
		channelAgainstDatabase(channelId) {
			if (doubted.has(channelId)) return null;
			const theirs = estimate(channels.get(channelId) ?? initialOffset, clock.nowMs());
			const ours = estimate(database, clock.nowMs());
			if (!theirs || !ours) return null;
			return { offsetMs: theirs.offsetMs - ours.offsetMs, uncertaintyMs: theirs.uncertaintyMs + ours.uncertaintyMs };
		},
		channelTimeMs(channelId, atMs) {
			const theirs = estimate(channels.get(channelId) ?? initialOffset, clock.nowMs());
			const aheadMs = theirs ? theirs.offsetMs - theirs.uncertaintyMs : 0;
			return atMs + (doubted.has(channelId) ? Math.min(0, aheadMs) : aheadMs);
		}
	};
}
