/** What is promised, in words. The ids are those of ARCHITECTURE.md and of every violation that the simulator prints. */
export const invariants: readonly { id: string; promise: string; seenIn: string }[] = [
	{
		id: 'I1',
		promise:
			'Convergence: once faults and edits stop, both sides of every healthy link agree on every field, through the channel’s own form of it.',
		seenIn: 'both sides’ records at the end'
	},
	{
		id: 'I2',
		promise:
			'No silent loss: every edit is current, or was replaced by somebody who saw it, or stands in full among the conflicts, or went with a record that a person deleted.',
		seenIn: 'the edit log’s ancestry against what is current'
	},
	{
		id: 'I3',
		promise:
			'No duplicates: one record at a channel for one of ours and the other way round; nothing that we created is ever imported.',
		seenIn: 'the channel’s records and its write log'
	},
	{
		id: 'I4',
		promise: 'Quiescence: while nothing changes, nothing is written on either side.',
		seenIn:
			'the channels’ write logs and our revisions over idle cycles, a hundred of them in one schedule of two hundred'
	},
	{
		id: 'I5',
		promise: 'Unlink is final: no write and no read by id of the pair leaves more than two seconds later.',
		seenIn: 'the channel’s log of every call'
	},
	{
		id: 'I6',
		promise: 'A person’s choice wins: automation links neither an unlinked pair again nor one of its records.',
		seenIn: 'links at the end against what people unlinked'
	},
	{
		id: 'I7',
		promise: 'No invented value: whatever stands in a field was entered by a person into that very field.',
		seenIn: 'every record and every write'
	},
	{
		id: 'I8',
		promise:
			'Deletes: what a person deleted stays deleted; nothing else goes missing; a record that is there is never taken for deleted.',
		seenIn: 'records and links against what people deleted'
	},
	{
		id: 'I9',
		promise: 'Isolation: a dead channel changes nothing for the others.',
		seenIn: 'the other channels settle while it is still dead'
	},
	{
		id: 'I10',
		promise:
			'Progress: what a person did not spoil is never set aside, held or stopped; the change feed alone misses nothing that it can show.',
		seenIn: 'links, holds and what the directory has seen'
	},
	{
		id: 'I11',
		promise: 'Recovery: kill -9 anywhere leaves I1 to I10 as they are, without a person’s help.',
		seenIn: 'kills before and after every call of every port'
	},
	{
		id: 'I12',
		promise:
			'Time decides nothing but the declared tie-break, and there the newer edit is the newer one in truth, whatever the clocks say.',
		seenIn: 'conflicts settled by newest-wins against true time, clocks apart by up to a day'
	},
	{
		id: 'I13',
		promise:
			'Determinism: the same seed gives the same trace, in any process and time zone, and on PostgreSQL as in memory.',
		seenIn: 'a hash over every call, its arguments and its result'
	},
	{
		id: 'I14',
		promise:
			'Auditability: the journal, played from nothing, gives the link tables; no state of a link is without its entry.',
		seenIn: 'the journal’s entries against the link tables at the end'
	},
	{
		id: 'black hole',
		promise:
			'The conflict list is no place to lose edits into: two values compete only where people edited the field on both sides since it last agreed.',
		seenIn: 'the ancestry of both values of every conflict'
	}
];

/** What can go wrong in a schedule, as an operator would say it. */
export const faultModel: readonly string[] = [
	'A channel answers 503, or 429 with Retry-After as seconds or as a date; refuses a token once; times out before or after a write took effect; lets a write land up to ten seconds late; breaks an answer off in its body; renames a field.',
	'A channel answers nothing at all, or takes no writes, for as long as the faults go on. One record breaks every answer that holds it, or is left out of one.',
	'Listings lag, are stale, come doubled, are cut short while claiming to be whole, or are empty.',
	'A change becomes visible up to four seconds after its stamp. Stamps have steps of a microsecond to a minute, are missing, or do not cover every field. Every host’s clock is off by up to a day.',
	'Channels rewrite what they are sent (blanks, case, digits, mark-up), say nothing about versions in their replies, go back to a backup, give an id to another record.',
	'An engine is killed or stands still for up to a minute before or after any call: what it waits for never comes, no clean-up of it runs. One to four engines share the work.',
	'A transaction is broken off (serialisation failure, deadlock), or its connection is lost before or after its commit.',
	'The queue loses, doubles, delays and reorders jobs, and takes a job from a process that works on it.',
	'Meanwhile people edit both sides, often the same field and often the very record that is being worked on; they create, delete, link, unlink, undo, resolve, and enter what a channel refuses.',
	'Every kind of fault is left out, usual or frequent, drawn for each schedule. Every eighth schedule is a storm: more of everything, and people at half of the records that an engine takes up.'
];

/** Kinds of channels, by what guards a write there, and what is promised at each. */
export const classes: readonly { name: string; guard: string; examples: string; promised: string; not: string }[] = [
	{
		name: 'A',
		guard: 'a true precondition: a write with an outdated version is refused',
		examples: 'Tryton on PostgreSQL, any API with ETag and If-Match',
		promised: 'everything above',
		not: 'nothing less'
	},
	{
		name: 'A1',
		guard: 'a precondition whose tag has a coarse step, such as a whole second',
		examples: 'Tryton on SQLite',
		promised: 'the same, at the price of waiting until the tag’s step and the longest transaction are over',
		not: 'Tryton on SQLite compares tags before it takes the lock of its file: what another write commits within those milliseconds is overwritten, whatever a client does'
	},
	{
		name: 'B',
		guard: 'none: the last write wins there',
		examples: 'an API that knows neither versions nor conditions',
		promised: 'everything but I2 for what is entered at the channel',
		not: 'an edit made there between our last read and our write can be overwritten; it is counted below, not hidden'
	}
];

/** Where the promise ends. */
export const notPromised: readonly string[] = [
	'A search by reference must be truthful once its declared lag is over: a channel that denies a record it holds cannot be asked whether a create landed. Where no reference can be searched, nothing is created automatically.',
	'A backup that was taken within the channel’s longest transaction of our last agreement cannot be told from a late edit: its value is taken, and the one that gives way is kept among the conflicts.',
	'A backup whose records people edited again, or whose ids they gave to new records, before we looked carries new stamps: where a stamp speaks for the whole record, the older fields beside the edited one look new as well. They are taken for edits; the journal keeps what they replaced.',
	'A channel that comes back from a backup has lost what was entered there since: that is its own doing. What went back is noticed, and a person is asked.',
	'Where a channel’s stamp speaks for a whole record, an edit of another field makes an older edit of this one look new. Newest-wins follows the stamp; the loser is kept.',
	'A change that no stamp shows (a field that the stamp does not cover) is found by the full listing, not by the change feed: within a day with the default schedule.',
	'A request that was on its way when a person unlinked may still arrive, for two seconds.'
];

/** Why a reader should still doubt, and about what. */
export const limits: readonly string[] = [
	'A schedule that was not played may break a promise: the bound says how rare that is among schedules drawn like these, no more.',
	'What goes wrong, and how often, is our own idea of it. A fault that nobody thought of is in no schedule. The real systems above are there for that.',
	'The simulator runs the production engine and its `memory` and `rest` connectors, but neither PostgreSQL nor a network. That the in-memory database does what PostgreSQL does is tested (`npm run test:store`, `npm run simulate -- --postgres`), not proved.',
	'A checker may be blind. That is what the table of remedies is for: each line is a defect that the checkers did see.',
	'Not tried: failing disks, a network that parts two hosts, weeks of running, a channel that lies on purpose.'
];
