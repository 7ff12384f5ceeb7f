import { error } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { act } from '#src/lib/server/act.ts';
import { bulkOutcome } from '#src/lib/server/bulk-actions.ts';
import { rightsOf } from '#src/lib/server/entity-page.ts';
import { listBulkItems, readBulkJob } from '#src/mappings/list-bulk-jobs.ts';
import { cancelBulkJob, undoBulkJob } from '#src/mappings/start-bulk-job.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url, depends }) => {
	depends('app:jobs');
	const job = await readBulkJob(locals.db, { id: params.job });
	if (!job) error(404, { message: m.bulk_job_unknown(), hint: m.bulk_job_unknown_hint() });
	const cause = url.searchParams.get('cause');
	const at = { jobId: job.id, entity: job.entity, cause, cursor: url.searchParams.get('after') };
	return { job, cause, items: await listBulkItems(locals.db, at), may: rightsOf(locals.user) };
};

export const actions: Actions = {
	cancel: (event) =>
		act(event, 'run', async ({ actor, db }) => {
			const result = await cancelBulkJob(db, { jobId: event.params.job, actor, via: 'web' });
			return result.ok ? { ok: true, flash: { tone: 'info', text: m.bulk_cancelling() } } : result;
		}),
	undo: (event) =>
		act(event, 'link', async ({ actor, db, locals }) => {
			const started = await undoBulkJob(db, { jobId: event.params.job, actor, via: 'web' });
			return bulkOutcome(locals, started);
		})
};
