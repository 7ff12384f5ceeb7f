import type { AcceptWebhookInput, AcceptWebhookResult } from '#src/store/accept-webhook.ts';
import type { Session } from './connectors/connector.ts';
import type { ExternalRecord } from './connectors/connector.ts';
import type { Ports } from './ports.ts';

/** `hinted`: the records that webhooks named, and whatever else waits. */
export type RunMode = 'incremental' | 'full' | 'preview' | 'records' | 'hinted' | 'apply';

export type RunRequest = {
	channelId: string;
	entity: string;
	mode: RunMode;
	/** For `records`: the links to look at. */
	linkIds?: readonly string[];
	/** For `apply`: the preview whose plan is carried out. */
	planId?: string;
	/** 'schedule' or the name of a person or token. */
	startedBy: string;
};

/** The engine behind main.ts, the API and the tests. */
export type Engine = {
	/** Stores a queued run and hands it to the queue. A run of the same kind that still waits is returned instead. */
	requestRun(request: RunRequest): Promise<{ runId: string }>;
	/** Takes a genuine webhook, as a hint only, and hands what looks at it to the queue. */
	acceptWebhook(webhook: AcceptWebhookInput): Promise<AcceptWebhookResult['kind']>;
	/** Performs a queued or interrupted run to its end. Safe to call twice, for any state of the run. */
	performRun(runId: string, signal: AbortSignal): Promise<void>;
	/** Searches the channel live and remembers what it saw, so that it can be linked. Throws ConnectorError. */
	searchRecords(channelId: string, entity: string, text: string): Promise<readonly ExternalRecord[]>;
	/** Opens a session with the channel's decrypted credentials. Throws ConnectorError. The caller closes it. */
	openSession(channelId: string): Promise<Session>;
	/** Both sides, bases and the decision of one link as it would fall now; writes nothing. Null for an unknown link. */
	explain(entity: string, linkId: string): Promise<Explanation | null>;
};

export type Explanation = {
	link: Record<string, unknown>;
	internal: Record<string, unknown> | null;
	external: Record<string, unknown> | null;
	/** Why `external` could not be read; null when it could. */
	externalProblem: { kind: string; hint: string } | null;
	decision: Record<string, unknown> | null;
};

export type CreateEngine = (ports: Ports) => Engine;
