import type { Db } from '#src/db/client.ts';
import { acceptWebhook } from './accept-webhook.ts';
import { beginRun, heartbeatRun, requeueRun } from './begin-run.ts';
import { bindIntent } from './bind-intent.ts';
import { claimLinks, readLink, readLinks, releaseLinks } from './claim-links.ts';
import { commitLinks } from './commit-links.ts';
import { compactLinkCounts } from './compact-link-counts.ts';
import { drainOutbox } from './drain-outbox.ts';
import { findReferences } from './find-references.ts';
import { finishRun, requestCancel } from './finish-run.ts';
import { forgetOldRuns } from './housekeeping.ts';
import { holdAbsences } from './hold-absences.ts';
import { importRecord } from './import-record.ts';
import { claimIntents, failIntent, markIntentSent, openIntents } from './intents.ts';
import { loadChannel, loadChannelAccess } from './load-channel.ts';
import { confirmMissing, suspectMissing } from './missing-records.ts';
import { takePlan } from './plan.ts';
import { queueRun } from './queue-run.ts';
import { readCandidates } from './read-candidates.ts';
import { readToMatch } from './read-to-match.ts';
import { recordPage } from './record-page.ts';
import { saveMatches } from './save-matches.ts';
import { takeHints } from './take-hints.ts';
import { addItems, databaseNow, endSweep, markStaleLinks, recentWrites } from './sweep.ts';

const verbs = {
	acceptWebhook,
	addItems,
	beginRun,
	bindIntent,
	claimIntents,
	claimLinks,
	commitLinks,
	compactLinkCounts,
	confirmMissing,
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

/** A verb without its database. */
export type Bound<Verb> = Verb extends (db: Db, input: infer Input) => infer Result ? (input: Input) => Result : never;

/** Every state change the engine makes: each verb is exactly one transaction. The person's verbs are in people.ts. */
export type Store = { [Name in keyof typeof verbs]: Bound<(typeof verbs)[Name]> } & { databaseNow(): Promise<string> };

/** The verbs bound to one database. */
export function createStore(db: Db): Store {
	const bound = Object.entries(verbs).map(([name, verb]) => [name, (input: never) => verb(db, input)]);
	return { ...Object.fromEntries(bound), databaseNow: () => databaseNow(db) } as Store;
}
