import { m } from '#src/lib/paraglide/messages.js';
import { linksCounted } from '#src/lib/words/bulk-kind.ts';
import { bulkDone } from '#src/lib/words/bulk-words.ts';
import { readBulkJob } from '#src/mappings/list-bulk-jobs.ts';
import type { BulkStarted } from '#src/mappings/start-bulk-job.ts';
import type { Outcome } from './act.ts';
import { good } from './form-input.ts';

/**
 * What to tell after a bulk job was started: a small one is done, and an unlink offers to take it back; of a wide one the
 * page follows it. `to`: where to go after a small one; else the page the form was on.
 */
export async function bulkOutcome(locals: App.Locals, started: BulkStarted, to?: string): Promise<Outcome> {
	if (!started.ok) return started;
	const page = `/runs/jobs/${started.jobId}`;
	if (!started.over) return { ok: true, flash: { tone: 'info', text: m.bulk_started() }, to: page };
	const job = await readBulkJob(locals.db, { id: started.jobId });
	if (!job || job.problem) {
		const text = job?.problem ? `${job.problem.message} ${job.problem.hint}` : m.bulk_failed_flash();
		return { ok: true, flash: { tone: 'bad', text }, to: page };
	}
	if (job.kind !== 'unlink' && job.kind !== 'undo-accept' && job.done > 0) await compareSoon(locals, job);
	const left = job.left.reduce((sum, each) => sum + each.links, 0);
	if (left > 0 && job.undoesId !== null) {
		const text = m.bulk_undone_partly({ back: linksCounted(job.done), left: String(left) });
		return { ok: true, flash: { tone: 'warn', text }, to: page };
	}
	const next = to === undefined ? {} : { to };
	const text = bulkDone(job.kind, job.done);
	if (!job.undoable) return { ...good(text), ...next };
	return { ok: true, flash: { tone: 'good', text, undo: { action: `${page}?/undo`, fields: {} } }, ...next };
}

/** The links are marked already: a silent engine or a paused channel only means "later". */
async function compareSoon(
	locals: App.Locals,
	{ channelId, entity }: { channelId: string; entity: string }
): Promise<void> {
	await locals.engine.startRun({ channelId, entity, mode: 'incremental' });
}
