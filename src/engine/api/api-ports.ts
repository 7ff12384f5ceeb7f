import type { Db } from '#src/db/client.ts';
import type { Connector } from '../connectors/connector.ts';
import type { Engine } from '../engine.ts';
import type { Clock, Log } from '../ports.ts';
import type { Metrics } from './metrics.ts';

/** What the API needs from outside. */
export type ApiPorts = {
	db: Db;
	engine: Engine;
	/** Every kind of system a channel can be. */
	connectors: readonly Connector[];
	clock: Clock;
	log: Log;
	metrics: Metrics;
	secretKey: string;
	/** Whether the queue is started. */
	queueReady: () => boolean;
	/** Fires when the process ends: open event streams close. */
	ending: AbortSignal;
};
