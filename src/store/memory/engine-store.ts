import type { Store } from '../store.ts';
import { findReferences } from './awaiting.ts';
import { readCandidates, saveMatches } from './candidates.ts';
import { readToMatch } from './read-to-match.ts';
import {
	addItems,
	compactLinkCounts,
	drainOutbox,
	loadChannel,
	loadChannelAccess,
	recentWrites
} from './channel-state.ts';
import { acceptWebhook } from './accept-webhook.ts';
import { claimLinks, readLink, readLinks, releaseLinks } from './claim-links.ts';
import { commitLinks } from './commit-links.ts';
import { bindIntent, claimIntents, failIntent, importRecord, markIntentSent, openIntents } from './creates.ts';
import { holdAbsences } from './hold-absences.ts';
import { confirmMissing, databaseNow, endSweep, markStaleLinks, suspectMissing } from './missing-records.ts';
import { takePlan } from './plan.ts';
import { recordPage } from './record-page.ts';
import { beginRun, finishRun, forgetOldRuns, heartbeatRun, queueRun, requestCancel, requeueRun } from './runs.ts';
import { takeHints } from './take-hints.ts';
import type { Tables } from './tables.ts';

type Verbs<Port> = {
	[Name in keyof Port]: Port[Name] extends (...input: infer Input) => Promise<infer Result>
		? (tables: Tables, ...input: Input) => Result
		: never;
};

const verbs: Verbs<Store> = {
	acceptWebhook,
	addItems,
	beginRun,
	bindIntent,
	claimIntents,
	claimLinks,
	commitLinks,
	compactLinkCounts,
	confirmMissing,
	databaseNow,
	drainOutbox,
	endSweep,
	failIntent,
	findReferences,
	finishRun,
	forgetOldRuns,
	heartbeatRun,
	holdAbsences,
	importRecord,
	loadChannel,
	loadChannelAccess,
	markIntentSent,
	markStaleLinks,
	openIntents,
	queueRun,
	readCandidates,
	readLink,
	readLinks,
	readToMatch,
	recentWrites,
	recordPage,
	releaseLinks,
	requestCancel,
	requeueRun,
	saveMatches,
	suspectMissing,
	takeHints,
	takePlan
};

/** The engine's verbs over these tables. */
export function createEngineStore(tables: Tables): Store {
	return bindVerbs<Store>(tables, verbs);
}

/**
 * A port of verbs that work on tables: each does all its work before it returns its promise, in one transaction that
 * leaves nothing behind when it throws.
 */
export function bindVerbs<Port>(tables: Tables, verbs: Verbs<Port>): Port {
	const bound = Object.entries(verbs).map(([name, verb]) => [
		name,
		bind(tables, verb as (...input: unknown[]) => unknown)
	]);
	return Object.fromEntries(bound) as Port;
}

function bind(tables: Tables, verb: (tables: Tables, ...input: unknown[]) => unknown) {
	return (...input: unknown[]): Promise<unknown> => {
		try {
			return Promise.resolve(tables.atomically(() => verb(tables, ...input)));
		} catch (error) {
			return Promise.reject(error as Error);
		}
	};
}
