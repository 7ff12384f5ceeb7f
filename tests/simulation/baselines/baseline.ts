import type { Session } from '#src/engine/connectors/connector.ts';
import type { Ports } from '#src/engine/ports.ts';
import type { RunJob } from '#src/engine/queue/queue.ts';
import type { SimulatedChannel } from '../channel.ts';
import type { Directory } from '../directory.ts';
import type { Races } from '../races.ts';
import type { EngineOf } from '../replica.ts';
import { restSettings } from '../rest-channel.ts';
import type { Timeline } from '../timeline.ts';

/** What an engine that plays in the product's place finds of the world. */
export type Surroundings = {
	/** Our records and the links, as the product has them. */
	directory: Directory;
	channels: readonly SimulatedChannel[];
	timeline: Timeline;
	takenUp: Races['takenUp'];
	/** Hands a job to some process, surely. */
	deliver: (job: RunJob) => void;
	/** Whether the process of that name still runs: its database locks go with it. */
	lives: (worker: string) => boolean;
};

/** A record of ours that was made from one of a channel. */
export type Import = { channelId: string; entity: string; externalId: string; internalId: string };

/** An engine that is compared with the product's, under the same schedules, and its database, which outlives its processes. */
export type Baseline = (surroundings: Surroundings) => {
	engine: EngineOf;
	/** The directory as people reach it, with whatever this database does when they write. */
	directory: Directory;
	imports: () => readonly Import[];
	/** Work that waits or is under way. */
	busy: () => boolean;
	/** What operators do in a quiet hour with work that was set aside. */
	tidyUp: () => void;
};

/** Opens a channel through the connector that the product uses. */
export function openChannel(ports: Pick<Ports, 'connectors' | 'transport'>, channel: SimulatedChannel): Session {
	const connector = ports.connectors.find(({ name }) => name === channel.plan.wire);
	if (!connector) throw new Error(`there is no connector ${channel.plan.wire}`);
	const settings = channel.plan.wire === 'rest' ? restSettings(channel) : { channel: channel.plan.name };
	return connector.open({ settings, credentials: {}, transport: ports.transport });
}
