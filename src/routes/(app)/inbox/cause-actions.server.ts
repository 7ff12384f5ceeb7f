import type { RequestEvent } from '@sveltejs/kit';
import { entities } from '#src/entities/registry.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { act, textOf } from '#src/lib/server/act.ts';
import { good, invalid, isId } from '#src/lib/server/form-input.ts';
import { missingLinks } from '#src/mappings/list-problems.ts';
import { retryQuarantined } from '#src/mappings/retry-quarantined.ts';
import { unlinkRecords } from '#src/mappings/unlink-records.ts';

/** `?/retryCause`: five more tries for every link of a channel with one cause, and a run at once. Fields: channel, cause. */
export const retryCause = (event: RequestEvent) =>
	act(event, 'run', async ({ data, actor, db, locals }) => {
		const [channelId, kind] = [textOf(data, 'channel'), textOf(data, 'cause')];
		if (!isId(channelId)) return invalid('channel');
		let links = 0;
		let later = false;
		for (const { name: entity } of entities) {
			const result = await retryQuarantined(db, { entity, channelId, kind, actor, via: 'web' });
			if (!result.ok) return result;
			links += result.links.length;
			if (result.links.length === 0) continue;
			const answer = await locals.engine.startRun({ channelId, entity, mode: 'incremental' });
			later ||= !answer.ok;
		}
		if (links > 0 && later) return { ok: true, flash: { tone: 'warn', text: m.link_synced_later() } };
		return good(m.problem_retried({ n: links }));
	});

/** `?/unlinkCause`: ends up to 200 links of a channel that lost a side. Fields: channel, cause. Each can be undone. */
export const unlinkCause = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db }) => {
		const [channelId, kind] = [textOf(data, 'channel'), textOf(data, 'cause')];
		if (!isId(channelId)) return invalid('channel');
		let ended = 0;
		for (const { entity, linkId } of await missingLinks(db, { channelId, kind })) {
			const result = await unlinkRecords(db, { entity, linkId, reason: kind, actor, via: 'web' });
			// One that somebody else ended meanwhile is no reason to stop.
			if (result.ok) ended += 1;
			else if (result.kind !== 'unknown-link') return result;
		}
		return good(m.problem_unlinked({ n: ended }));
	});
