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
		failures: ['F4', 'F15']
	},
	{
		name: 'own-write-seen',
		does: 'a stamp that may be that of our own unconfirmed write breaks no tie',
		file: settle,
		find: "if (input.ownWriteSeen) return ask('own-write');",
		replace: '',
		matters: ({ conflict }) => conflict === 'newest-wins',
		failures: ['F2', 'F4']
	},
	{
		name: 'stamp-not-moved',
		does: 'a stamp that has not moved since the last agreement breaks no tie',
		file: settle,
		find: "if (externalStamp === baseExternalStamp) return ask('stamp-not-moved');",
		replace: '',
		matters: ({ conflict }) => conflict === 'newest-wins',
		failures: ['F1', 'F7']
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
		failures: ['F31']
	},
	{
		name: 'late-stamp-kept',
		does: 'a value that gives way to one with an earlier stamp than the last agreement is kept beside it',
		file: 'src/sync/decide.ts',
		find: "if (!ours && !base.unconfirmed && age === 'late') return { competing: true, winner: 'external', rule: 'late-stamp' };",
		replace: '',
		matters: ({ restored, lateCommitMs }) => restored || lateCommitMs > 0,
		failures: ['F31', 'F33']
	},
	{
		name: 'agreed-stamp-kept',
		does: 'while a field waits for a person, the stamp of the last agreement stays',
		file: 'src/engine/runs/link-commits.ts',
		find: '...(action.asked.length > 0 || plan.waiting ? { externalStamp: link.externalStamp } : {}),',
		replace: '',
		matters: ({ conflict }) => conflict === 'newest-wins',
		failures: ['F1', 'F7']
	},
	{
		name: 'lost-race-not-counted',
		does: 'a lost race is no failure: a busy record is not set aside',
		file: 'src/sync/retry.ts',
		find: 'if (raced.has(kind)) return { tries, delayMs: 0 };',
		replace: '',
		failures: ['F39']
	},
	{
		name: 'channel-failure-not-blamed',
		does: 'a failure of the whole channel is not held against a link',
		file: 'src/sync/retry.ts',
		find: "const systemic: ReadonlySet<FailureKind> = new Set(['unreachable', 'rate-limited', 'unauthorized', 'misconfigured']);",
		replace: 'const systemic: ReadonlySet<FailureKind> = new Set();',
		failures: ['F39', 'F40']
	}
];
