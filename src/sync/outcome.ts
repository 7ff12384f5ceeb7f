/** State of a link as the operator sees it. */
export type LinkStatus =
	/** Not compared yet, or a change waits for its turn (or for the direction to go live). */
	| 'pending'
	| 'in-sync'
	/** At least one field points to a record that is not linked; goes on by itself once it is. */
	| 'awaiting'
	/** At least one field waits for a person. */
	| 'conflict'
	/** The last try failed; another follows by itself. */
	| 'failed'
	/** Five tries failed; a person must act. */
	| 'quarantined'
	/** One side is gone. */
	| 'orphan';

export const linkStatuses: readonly LinkStatus[] = [
	'in-sync',
	'pending',
	'awaiting',
	'conflict',
	'failed',
	'quarantined',
	'orphan'
];

/** What did happen to one record in a run. */
export type Outcome =
	| 'in-sync'
	| 'pushed'
	| 'pulled'
	| 'merged'
	| 'conflicted'
	| 'created'
	| 'skipped'
	| 'failed'
	| 'quarantined'
	| 'orphaned';

export const outcomes: readonly Outcome[] = [
	'in-sync',
	'pushed',
	'pulled',
	'merged',
	'conflicted',
	'created',
	'skipped',
	'failed',
	'quarantined',
	'orphaned'
];
