import type { Remedy } from './remedy.ts';

const commits = 'src/engine/runs/link-commits.ts';
const sends = 'src/engine/runs/send-writes.ts';
const transmits = 'src/engine/runs/transmit.ts';

/** Rules about writing to either side. */
export const writingRemedies: readonly Remedy[] = [
	{
		name: 'pending-write',
		does: 'a write is stored before it leaves, so that its landing is known as ours after a crash',
		file: commits,
		find: 'pendingWrite: attempt ? withAttempt(plan, attempt, facts) :',
		replace: 'pendingWrite: attempt ? link.pendingWrite :',
		failures: ['F4', 'F43']
	},
	{
		name: 'pending-write-kept',
		does: 'a write whose outcome is unknown stays on record',
		file: sends,
		find: 'const pendingWrite: PendingWrite | null = nothingWritten.has(error.kind)',
		replace: 'const pendingWrite: PendingWrite | null = error !== null',
		failures: ['F4', 'F15']
	},
	{
		name: 'pending-write-fades',
		does: 'once the sides agree, an unconfirmed write counts as ours for as long as it may still land',
		file: commits,
		find: 'const live = livePending(pending, nowMs);\n\treturn live &&',
		replace: 'const live = null;\n\treturn live &&',
		failures: ['F15'],
		argument:
			'sides agree again without a write that is still on its way only where a person goes back to the value from before it; people of the simulator never enter a value twice but for switches, which carry no token. link-commits.test.ts holds the rule.'
	},
	{
		name: 'external-precondition',
		does: 'a write to the channel carries the version that was read',
		file: transmits,
		find: 'version: external?.version ?? null, fields: action.push',
		replace: 'version: null, fields: action.push',
		failures: ['F10']
	},
	{
		name: 'settle-wait',
		does: 'a coarse version is trusted only where it was read after its own tick and the longest transaction',
		file: 'src/engine/runs/reconcile.ts',
		find: 'if (readAtMs !== null && readAtMs >= safeFromMs) return 0;',
		replace: 'return 0;',
		matters: ({ options }) => options.precondition === 'coarse',
		failures: ['F11']
	},
	{
		name: 'fresh-read',
		does: 'where the channel has no precondition, the record is read once more right before the write',
		file: transmits,
		find: 'if (isUnguarded(run, plan)) await requireUnmoved(run, input, external, options);',
		replace: '',
		matters: ({ options }) => options.precondition === 'none',
		failures: ['F10']
	},
	{
		name: 'landing-wait',
		does: 'where the channel has no precondition, nothing is sent after a timeout before the write had its time to land',
		file: sends,
		find: '? Math.max(requestTimeoutMs + sendWindowMs, overlapMs)\n',
		replace: '? 0\n',
		matters: ({ options }) => options.precondition === 'none',
		failures: ['F15'],
		heldBy: 'tests/scenarios/flow.test.ts'
	},
	{
		name: 'channel-failure-not-blamed',
		does: 'where the whole channel fails, no link is to blame',
		file: sends,
		find: "stopsRun(error.kind) && !at.systemic ? 'rejected'",
		replace: "stopsRun(error.kind) ? 'rejected'",
		matters: ({ dead }) => dead === 'read-only',
		failures: ['F40', 'F42']
	},
	{
		name: 'poison-set-aside',
		does: 'a record that the channel refuses five times waits for a person',
		file: 'src/sync/retry.ts',
		find: "if (!systemic.has(kind) && counted >= triesBeforeQuarantine) return 'quarantine';",
		replace: '',
		failures: ['F39']
	},
	{
		name: 'commit-halved',
		does: 'a value that our record cannot take costs its own link alone',
		file: 'src/engine/runs/commit-plans.ts',
		find: 'if (refused === null) throw error;',
		replace: 'throw error;',
		failures: ['F38', 'F39'],
		heldBy: 'tests/scenarios/bad-answers.test.ts'
	},
	{
		name: 'internal-revision',
		does: 'our record is written only at the revision that was read',
		file: 'src/store/memory/record-store.ts',
		find: 'if (before?.record.rev !== write.rev || seen.has(write.id)) return [];',
		replace: 'if (!before || seen.has(write.id)) return [];',
		failures: ['F12']
	},
	{
		name: 'link-revision',
		does: "a link's state is saved only over the state that it was decided from",
		file: 'src/store/memory/commit-links.ts',
		find: 'input.rows.filter((row) => String(links.get(row.linkId)?.stateRev) === row.stateRev);',
		replace: 'input.rows.filter((row) => links.get(row.linkId));',
		failures: ['F14', 'F24']
	},
	{
		name: 'write-deadline',
		does: 'a write leaves within two seconds of the commit before it, or not at all',
		file: transmits,
		find: 'const options = { signal: run.signal, sendBy };',
		replace: 'const options = { signal: run.signal, sendBy: sendBy + 3_600_000 };',
		failures: ['F16', 'F24'],
		heldBy: 'tests/scenarios/stalls.test.ts'
	},
	{
		name: 'read-deadline',
		does: 'a read by id leaves within two seconds of the claim of its link, or not at all',
		file: 'src/engine/runs/gather.ts',
		find: 'const records = await run.resource.read(keys, { signal: run.signal, sendBy });',
		replace: 'const records = await run.resource.read(keys, { signal: run.signal });',
		failures: ['F24']
	},
	{
		name: 'loser-journaled',
		does: 'the losing value of a conflict is stored before the write goes out',
		file: commits,
		find: 'settled: action.settled,',
		replace: 'settled: [],',
		failures: ['F3']
	},
	{
		name: 'base-of-sent-fields',
		does: 'after a write only the fields that were sent get a new base',
		file: commits,
		find: 'bases: { internal: pick(plan.internal?.fields ?? {}, fields), external: { ...result.sent, ...result.held } },',
		replace:
			'bases: { internal: plan.internal?.fields ?? {}, external: { ...plan.external?.fields, ...result.sent, ...result.held } },',
		failures: ['F6', 'F13']
	},
	{
		name: 'unconfirmed-base',
		does: 'a sent value that no reading has shown is a base marked unconfirmed: what differs from it is no certain edit',
		file: sends,
		find: 'else unconfirmed.push(rule.name);',
		replace: '',
		failures: ['F6'],
		argument:
			'it guards against a channel that rewrites a value in a way its codec does not know; the channels of the simulator rewrite as their codecs say. decide.test.ts holds what such a mark means, no test that it is made.'
	}
];
