import type { Remedy } from './remedy.ts';

const scan = 'src/engine/runs/scan.ts';
const missing = 'src/store/memory/missing-records.ts';

/** Rules about finding what changed, and what is gone. */
export const findingRemedies: readonly Remedy[] = [
	{
		name: 'cursor-overlap',
		does: "each look at the channel's changes goes back by its longest transaction",
		file: scan,
		find: 'const since = shifted(channel.cursor, -resource.capabilities.overlapMs);',
		replace: 'const since = channel.cursor;',
		failures: ['F32', 'F33']
	},
	{
		name: 'cursor-cap',
		does: "the cursor never passes the channel's time at the start of the scan",
		file: scan,
		find: 'cursor: earlier(newest, started()) });',
		replace: 'cursor: newest });',
		failures: ['F34', 'F37'],
		argument:
			"a cursor ahead of the channel's clock makes the next scan list everything, so that nothing is missed without it: it saves that listing."
	},
	{
		name: 'full-sweep',
		does: 'from time to time the whole channel is listed, absences included',
		file: 'src/engine/runs/perform-run.ts',
		find: 'await scanEverything(run);',
		replace: 'await scanChanges(run);',
		failures: ['F7', 'F28']
	},
	{
		name: 'absence-confirmed',
		does: 'what a listing leaves out is asked for by its id before it counts as gone',
		file: scan,
		find: 'gone: suspects.filter((key) => !isPresent(key)),',
		replace: 'gone: suspects,',
		failures: ['F28', 'F29']
	},
	{
		name: 'absence-read-twice',
		does: 'one answer that leaves a record out does not make its link an orphan',
		file: 'src/engine/runs/reconcile.ts',
		find: "plans.filter(({ link, action }) => action.missing === 'external' && !suspects.has(link.id));",
		replace: 'plans.filter(() => false);',
		failures: ['F28', 'F29']
	},
	{
		name: 'reply-halved',
		does: 'a record that no answer survives costs its own link alone',
		file: 'src/engine/runs/gather.ts',
		find: 'if (links.length > 1) {',
		replace: 'if (links.length < 0) {',
		failures: ['F38', 'F39']
	},
	{
		name: 'dirty-counter',
		does: 'a link is done only up to the change that its sync has seen',
		file: 'src/store/memory/commit-links.ts',
		find: 'cleanSeq: row.clean && seen > before.cleanSeq ? seen : before.cleanSeq,',
		replace: 'cleanSeq: row.clean ? before.dirtySeq : before.cleanSeq,',
		failures: ['F17'],
		heldBy: 'tests/store/equality/equality.test.ts'
	},
	{
		name: 'outbox-hints',
		does: 'every change of a record of ours leaves a hint in its own transaction',
		file: 'src/store/memory/channel-state.ts',
		find: "if (gone || link.internalVersion !== rev || link.problem?.kind === 'missing-internal') changed.push(link);",
		replace: '',
		failures: ['F35']
	},
	{
		name: 'stale-links-swept',
		does: 'the sweep also finds records of ours that moved without a hint',
		file: missing,
		find: 'markDirty(tables, input.entity.name, stale, false);',
		replace: '',
		failures: ['F35', 'F36']
	}
];
