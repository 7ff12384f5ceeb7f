import type { Remedy } from './remedy.ts';

const fieldBase = 'src/sync/field-base.ts';
const settle = 'src/sync/settle.ts';

/** Rules about who changed what, and who wins. */
export const decidingRemedies: readonly Remedy[] = [
	{
		name: 'echo',
		does: 'a value at the channel that equals a pending write is our own and no edit',
		file: fieldBase,
		find: 'const echo = echoOf(rule, input, theirs);',
		replace: 'const echo = undefined as WriteAttempt | undefined;',
		failures: ['F4']
	},
	{
		name: 'echo-of-any-attempt',
		does: 'each of several unconfirmed writes is recognised, not only the last',
		file: fieldBase,
		find: 'input.pendingWrite?.attempts.findLast(',
		replace: 'input.pendingWrite?.attempts.slice(-1).findLast(',
		failures: ['F4', 'F15'],
		heldBy: 'src/sync/decide.test.ts'
	},
	{
		name: 'asked-stays-asked',
		does: 'a field that waits for a person is not settled by a stamp that moved for another reason',
		file: 'src/sync/decide.ts',
		find: "if (asked !== undefined && conflictRuleOf(input.policy, rule.name) === 'newest-wins')\n",
		replace: 'if (asked === null)\n',
		matters: ({ conflict }) => conflict === 'newest-wins',
		failures: ['F2', 'F7'],
		heldBy: 'src/sync/decide.test.ts'
	},
	{
		name: 'own-write-seen',
		does: 'a stamp that may be that of our own unconfirmed write breaks no tie',
		file: settle,
		find: "if (input.ownWriteSeen) return ask('own-write');",
		replace: '',
		matters: ({ conflict, options }) => conflict === 'newest-wins' && options.precondition === 'none',
		failures: ['F2', 'F4'],
		heldBy: 'src/sync/decide.test.ts'
	},
	{
		name: 'stamp-not-moved',
		does: 'a stamp that has not moved since the last agreement breaks no tie',
		file: settle,
		find: "if (externalStamp === baseExternalStamp) return ask('stamp-not-moved');",
		replace: '',
		matters: ({ conflict, options }) => conflict === 'newest-wins' && options.stampCovers !== 'all',
		failures: ['F1', 'F7']
	},
	{
		name: 'stamp-covers-field',
		does: 'a stamp breaks no tie about a field that does not move it',
		file: settle,
		find: "if (stamps.covers !== 'all' && !stamps.covers.includes(input.field)) return ask('stamp-does-not-cover-field');",
		replace: '',
		matters: ({ conflict, options }) => conflict === 'newest-wins' && options.stampCovers !== 'all',
		failures: ['F7']
	},
	{
		name: 'clock-offset',
		does: "a tie is broken by stamps only after the clocks' difference is taken off",
		file: settle,
		find: 'Number(theirs - ours) / 1000 - stamps.clock.offsetMs;',
		replace: 'Number(theirs - ours) / 1000;',
		matters: ({ conflict }) => conflict === 'newest-wins',
		failures: ['F2']
	},
	{
		name: 'older-than-agreed',
		does: 'a value with a stamp from before the last agreement was restored, not edited: a person looks first',
		file: 'src/sync/decide.ts',
		find: "if (age === 'restored' || (theirs && asked === 'ask: older-than-agreed'))\n",
		replace: 'if (age === null)\n',
		matters: ({ restored }) => restored,
		failures: ['F31']
	},
	{
		name: 'restored-stays-suspect',
		does: 'what was put back stays suspect when a write of ours to another field moves the stamp',
		file: 'src/sync/decide.ts',
		find: "|| (theirs && asked === 'ask: older-than-agreed')",
		replace: '',
		matters: ({ restored }) => restored,
		failures: ['F31'],
		heldBy: 'src/sync/decide.test.ts'
	},
	{
		name: 'late-stamp-kept',
		does: 'a value that gives way to one with an earlier stamp than the last agreement is kept beside it',
		file: 'src/sync/decide.ts',
		find: "if (!ours && !base.unconfirmed && age === 'late') return { competing: true, winner: 'external', rule: 'late-stamp' };",
		replace: '',
		matters: ({ restored, lateCommitMs }) => restored || lateCommitMs > 0,
		failures: ['F31', 'F33'],
		heldBy: 'src/sync/decide.test.ts'
	}
];
