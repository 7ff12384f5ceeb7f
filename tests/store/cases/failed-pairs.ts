/** Pairs of cases, by name, that once ended as no serial order could have, or would without a lock: they are tried every time. */
export const failedPairs: readonly (readonly [string, string])[] = [
	['suspectMissing: products', 'confirmMissing: linked and suggested ones'],
	['readCandidates: all', 'bindIntent: never sent'],
	['readToMatch: all', 'bindIntent: never sent'],
	['linkRecords: a suggested pair', 'excludeRecord: one of theirs'],
	['linkRecords: a second one', 'unlinkRecords: in sync'],
	['linkRecords: a second one', 'saveChannelEntity: creating'],
	['acceptSuggestion: the other one', 'rejectSuggestion: the better one'],
	['recordPage: of a search', 'recordPage: of a search'],
	['recordPage: of an incremental scan', 'confirmMissing: linked and suggested ones'],
	['confirmMissing: free ones', 'repointLink: to a free one'],
	['beginRun: none is running', 'beginRun: none is running, another one waits'],
	['markStaleLinks: a page', 'markStaleLinks: a page'],
	['claimLinks: any', 'requestSync: two'],
	['makePrimary: a secondary one', 'makePrimary: the primary one'],
	['commitLinks: a reference waits, another was linked meanwhile', 'linkRecords: a suggested pair'],
	['saveMatches: records that wait, one of them for a link that was made meanwhile', 'linkRecords: a suggested pair'],
	['recordPage: of a full scan', 'drainOutbox: one'],
	['settleFirstContact: ours', 'resolveConflicts: both'],
	['acceptExact: one', 'confirmMissing: linked and suggested ones'],
	['deleteChannel: by its name', 'recordPage: of a full scan'],
	['commitLinks: about to send, and asking', 'settleFirstContact: ours'],
	['finishRun: it succeeded', 'recordPage: of an incremental scan'],
	[
		'saveMatches: one suggestion more, one less',
		'saveMatches: records that wait, one of them for a link that was made meanwhile'
	],
	['acceptSuggestion: the better one', 'saveMatches: one suggestion more, one less'],
	['saveMatches: one suggestion more, one less', 'confirmMissing: free ones'],
	['undoUnlink: the ended one', 'deleteChannel: by its name'],
	['compactLinkCounts: all', 'compactLinkCounts: all'],
	['acceptWebhook: records of two entities and of none', 'takeHints: all']
];
