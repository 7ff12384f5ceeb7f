import type { RequestEvent } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { act, textOf, type Actor, type Outcome, type Refused } from '#src/lib/server/act.ts';
import { good, invalid, isId } from '#src/lib/server/form-input.ts';
import type { EngineProblem } from '#src/engine-client/engine-client.ts';
import { missingThere } from '#src/mappings/list-problems.ts';
import { readLink } from '#src/mappings/read-link.ts';
import { restoreRecord } from '#src/mappings/restore-record.ts';
import { unlinkRecords } from '#src/mappings/unlink-records.ts';

// What can be done about a link of which one side is gone. Each works without JavaScript.

type LinkAt = { entity: string; linkId: string };

/** `?/restore`: the missing side comes back. Fields: entity and link, or the page's own. */
export const restore = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, locals }): Promise<Outcome> => {
		const at = linkOf(event, data);
		if (!isId(at.linkId)) return invalid('link');
		const restored = await restoreOne(locals, at, actor);
		if (!restored.ok) return restored;
		await carryOut(locals, at.entity, restored);
		const { side, channelId, channelName, internalId } = restored;
		if (side === 'internal') return good(m.restored_ours());
		const card = `/records/${at.entity}/${internalId}/channels#channel-${channelId}`;
		// The page of the link is about one that has ended now.
		return {
			...good(m.restored_theirs({ channel: channelName })),
			...(event.params.id === at.linkId ? { to: card } : {})
		};
	});

/** `?/restoreCause`: up to 50 records that are gone at a channel are created there again. Fields: channel, cause. */
export const restoreCause = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db, locals }): Promise<Outcome> => {
		const [channelId, cause] = [textOf(data, 'channel'), textOf(data, 'cause')];
		if (!isId(channelId)) return invalid('channel');
		let restored = 0;
		for (const at of await missingThere(db, { channelId, kind: cause })) {
			const result = await restoreOne(locals, at, actor);
			// One that is there again, or was dealt with meanwhile, is no reason to stop; what keeps all of them back is.
			if (!result.ok && !passing.has(result.kind)) return restored === 0 ? result : stopped(restored, result);
			if (!result.ok) continue;
			restored += 1;
			await carryOut(locals, at.entity, result);
		}
		return good(m.restored_many({ n: restored }));
	});

/** `?/setAside`: the link ends, and automation leaves both records alone, for the reason given. Fields: entity and link, or the page's own; reason. */
export const setAside = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db }): Promise<Outcome> => {
		const at = linkOf(event, data);
		const reason = textOf(data, 'reason');
		if (!isId(at.linkId)) return invalid('link');
		if (reason === '') return { ...invalid('reason'), hint: m.exclude_reason_missing() };
		const result = await unlinkRecords(db, { ...at, reason, excludeReason: reason, actor, via: 'web' });
		if (!result.ok) return result;
		const action = `/records/${at.entity}/${result.internalId}/channels?/undo`;
		const text = m.set_aside_done({ record: result.externalId });
		return { ok: true, flash: { tone: 'good', text, undo: { action, fields: { history: result.historyId } } } };
	});

/** Refusals that are about one link, not about the channel. */
const passing = new Set(['stale', 'unknown-link', 'intent-open', 'unknown-record', 'invalid']);

type Restored = Extract<Awaited<ReturnType<typeof restoreRecord>>, { ok: true }> & { channelName: string };

/** One link's missing side. A record of the channel is created there again only where the channel says that it is gone. */
async function restoreOne(locals: App.Locals, at: LinkAt, actor: Actor): Promise<Restored | (Refused & { ok: false })> {
	const link = await readLink(locals.db, { entity: at.entity, id: at.linkId });
	if (link?.internal && link.status === 'orphan') {
		const why = await whyNotThere(locals, at, link);
		if (why) return { ok: false, ...why };
	}
	const result = await restoreRecord(locals.db, { ...at, actor, via: 'web' });
	return result.ok ? { ...result, channelName: link?.channelName ?? '' } : result;
}

/** What keeps a record from being created at the channel again; null = nothing. */
async function whyNotThere(
	locals: App.Locals,
	at: LinkAt,
	{ channelId, channelName }: { channelId: string; channelName: string }
): Promise<Refused | null> {
	const offered = await locals.engine.resources(channelId);
	if (!offered.ok) return away(offered);
	if (!offered.data.some(({ entity, creates }) => entity === at.entity && creates)) {
		const message = m.restore_unable({ channel: channelName });
		return { kind: 'not-allowed', message, hint: m.restore_unable_hint({ channel: channelName }) };
	}
	const look = await locals.engine.mapping(at.entity, at.linkId);
	if (!look.ok) return away(look);
	const { external, externalProblem } = look.data;
	if (externalProblem) {
		return { kind: 'unreachable', message: m.restore_unasked({ channel: channelName }), hint: externalProblem.hint };
	}
	if (external === null) return null;
	const message = m.restore_there_again({ channel: channelName });
	return { kind: 'stale', message, hint: m.restore_there_again_hint() };
}

function away({ unreachable, problem }: { unreachable: boolean; problem: EngineProblem }): Refused {
	return { kind: unreachable ? 'unreachable' : problem.kind, message: problem.title, hint: problem.hint };
}

function stopped(restored: number, { message, hint }: Refused): Outcome {
	return { ok: true, flash: { tone: 'warn', text: `${m.restored_many({ n: restored })} ${message} ${hint}` } };
}

/** Links and the intent are stored, so a silent engine only means "later". */
async function carryOut(locals: App.Locals, entity: string, { side, channelId, links }: Restored): Promise<void> {
	if (side === 'external') {
		await locals.engine.startRun({ channelId, entity, mode: 'incremental' });
		return;
	}
	const here = links.filter((link) => link.channelId === channelId).map(({ id }) => id);
	if (here.length > 0) await locals.engine.startRun({ channelId, entity, mode: 'records', mappingIds: here });
}

/** The link a form names; without one, that of the page itself. */
function linkOf({ params }: RequestEvent, data: FormData): LinkAt {
	return { entity: textOf(data, 'entity') || (params.entity ?? ''), linkId: textOf(data, 'link') || (params.id ?? '') };
}
