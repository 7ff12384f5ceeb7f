import { redirect, type RequestEvent } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { act, textOf, type Outcome } from '#src/lib/server/act.ts';
import { bulkOutcome } from '#src/lib/server/bulk-actions.ts';
import { good, invalid, isId } from '#src/lib/server/form-input.ts';
import { excludeRecord } from '#src/mappings/exclude-record.ts';
import { causeLinks, failedCreates } from '#src/mappings/list-problems.ts';
import { mustBeTyped, startBulkJob } from '#src/mappings/start-bulk-job.ts';

type Kind = 'retry' | 'unlink';

/** `?/retryCause`: five more tries for every link of a channel with one cause, and a run. Fields: channel, cause. */
export const retryCause = (event: RequestEvent) => toAll(event, 'retry');

/**
 * `?/unlinkCause`: ends all links of a channel that lost a side for one cause; more than 200 are shown first, and their
 * number typed. Fields: channel, cause. They can be brought back.
 */
export const unlinkCause = (event: RequestEvent) => toAll(event, 'unlink');

/** One bulk job for each entity; the page follows the last wide one. */
function toAll(event: RequestEvent, kind: Kind) {
	return act(event, kind === 'retry' ? 'run' : 'link', async ({ data, actor, db, locals }): Promise<Outcome> => {
		const [channelId, cause] = [textOf(data, 'channel'), textOf(data, 'cause')];
		if (!isId(channelId)) return invalid('channel');
		let outcome: Outcome = good(m.problem_retried({ n: 0 }));
		for (const { entity, retryable, missing, newestId } of await causeLinks(db, { channelId, kind: cause })) {
			const links = kind === 'retry' ? retryable : missing;
			if (links === 0) continue;
			const status = kind === 'retry' ? null : 'orphan';
			const selection = { status, q: '', cause, uptoId: newestId, exceptIds: [] };
			if (mustBeTyped(kind, links)) {
				const query = new URLSearchParams({ entity, kind, status: status ?? '', cause, upto: newestId });
				redirect(303, `/channels/${channelId}/links/bulk?${query.toString()}`);
			}
			const job = { channelId, entity, kind, selection, expected: links, reason: cause };
			const done = await bulkOutcome(locals, await startBulkJob(db, { ...job, actor, via: 'web' }));
			if (!done.ok) return done;
			outcome = done;
		}
		return outcome;
	});
}

/** `?/excludeCause`: up to 200 records whose create failed for one cause are set aside. Fields: channel, cause, reason. */
export const excludeCause = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db }) => {
		const [channelId, cause, reason] = [textOf(data, 'channel'), textOf(data, 'cause'), textOf(data, 'reason')];
		if (!isId(channelId)) return invalid('channel');
		if (reason === '') return { ...invalid('reason'), hint: m.exclude_reason_missing() };
		let excluded = 0;
		for (const record of await failedCreates(db, { channelId, kind: cause })) {
			const result = await excludeRecord(db, { channelId, ...record, reason, actor, via: 'web' });
			// One that somebody linked or deleted meanwhile is no reason to stop.
			if (result.ok) excluded += 1;
			else if (result.kind === 'invalid' || result.kind === 'not-allowed') return result;
		}
		return good(m.problem_excluded({ n: excluded }));
	});
