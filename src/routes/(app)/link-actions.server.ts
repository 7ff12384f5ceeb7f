import { fail, type RequestEvent } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { act, done, refuse, requireRight, textOf, type Outcome } from '#src/lib/server/act.ts';
import { fieldShown } from '#src/lib/server/conflict-rows.ts';
import { good, invalid, isId } from '#src/lib/server/form-input.ts';
import { acceptSuggestion } from '#src/mappings/accept-suggestion.ts';
import { entitiesIn } from '#src/mappings/entities-now.ts';
import { giveBack as giveBackWrite } from '#src/mappings/give-back.ts';
import { linkRecords } from '#src/mappings/link-records.ts';
import { makePrimary as makeLinkPrimary } from '#src/mappings/make-primary.ts';
import { rejectSuggestion } from '#src/mappings/reject-suggestion.ts';
import { requestSync } from '#src/mappings/request-sync.ts';
import { retryQuarantined } from '#src/mappings/retry-quarantined.ts';
import { takeOtherValue } from '#src/mappings/take-other-value.ts';
import { undoUnlink } from '#src/mappings/undo-unlink.ts';
import { unlinkRecords } from '#src/mappings/unlink-records.ts';
import { exclude, include } from './exclusion-actions.server.ts';
import { undoLink } from './undo-link.ts';

// What a person does to links: form actions that pages put under their own buttons. Each works without JavaScript.

/**
 * `?/link` of a record's page. Fields: channel, external, variant, further ('yes' makes a secondary link), override ('yes'
 * after the page said what stands in the way).
 */
export async function link(event: RequestEvent) {
	const actor = requireRight(event.locals, 'link');
	const data = await event.request.formData();
	const [channelId, externalId] = [textOf(data, 'channel'), textOf(data, 'external')];
	if (!isId(channelId)) return refuse(invalid('channel'));
	if (externalId === '') return refuse(invalid('external'));
	const further = textOf(data, 'further') === 'yes';
	const pair = { channelId, externalId, variantId: textOf(data, 'variant') };
	const ours = { entity: event.params.entity ?? '', internalId: event.params.id ?? '' };
	const result = await linkRecords(event.locals.db, {
		...pair,
		...ours,
		isPrimary: !further,
		override: textOf(data, 'override') === 'yes',
		actor,
		via: 'web'
	});
	if (result.ok) {
		const text = further ? m.further_linked({ record: externalId }) : m.link_linked({ record: externalId });
		const flash = { tone: 'good' as const, text, ...undoLink({ ...pair, ...ours }) };
		return done(event, { ok: true, flash }, `${event.url.pathname}#channel-${channelId}`);
	}
	const { kind, message, hint } = result;
	return kind === 'excluded' || kind === 'out-of-scope'
		? fail(409, { refused: { kind, message, hint }, override: { ...pair, further } })
		: refuse(result);
}

/** `?/accept`: links a suggested pair. Fields: suggestion. */
export const accept = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db }) => {
		const suggestionId = textOf(data, 'suggestion');
		if (!isId(suggestionId)) return invalid('suggestion');
		const result = await acceptSuggestion(db, { suggestionId, actor, via: 'web' });
		return result.ok ? good(m.suggestion_accepted()) : result;
	});

/** `?/reject`: these two are never suggested again. Fields: suggestion. */
export const reject = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db }) => {
		const suggestionId = textOf(data, 'suggestion');
		if (!isId(suggestionId)) return invalid('suggestion');
		const result = await rejectSuggestion(db, { suggestionId, actor, via: 'web' });
		return result.ok ? good(m.suggestion_rejected()) : result;
	});

/** `?/unlink`. Fields: link, or the page's own. The message offers to take it back. */
export const unlink = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db }) => {
		const at = linkOf(event, data);
		if (!isId(at.linkId)) return invalid('link');
		const result = await unlinkRecords(db, { ...at, actor, via: 'web' });
		if (!result.ok) return result;
		const action = `/records/${at.entity}/${result.internalId}/channels?/undo`;
		const text = m.link_unlinked({ record: result.externalId });
		return { ok: true, flash: { tone: 'good', text, undo: { action, fields: { history: result.historyId } } } };
	});

/** `?/makePrimary`: the link sends and receives from now on, the one that did only sends. Fields: link, or the page's own. */
export const makePrimary = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db, locals }) => {
		const at = linkOf(event, data);
		if (!isId(at.linkId)) return invalid('link');
		const result = await makeLinkPrimary(db, { ...at, actor, via: 'web' });
		if (!result.ok) return result;
		const text = m.primary_made({ record: result.externalId });
		return startRun(locals, at.entity, [{ id: result.linkId, channelId: result.channelId }], text);
	});

/** `?/undo`: brings an ended link back. Fields: history. */
export const undo = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db }) => {
		const historyId = textOf(data, 'history');
		if (!isId(historyId)) return invalid('history');
		const result = await undoUnlink(db, { historyId, actor, via: 'web' });
		return result.ok ? good(m.link_undone()) : result;
	});

/** `?/sync`: compares a link now. Fields: link, or the page's own. */
export const sync = (event: RequestEvent) =>
	act(event, 'run', async ({ data, actor, db, locals }) => {
		const at = linkOf(event, data);
		if (!isId(at.linkId)) return invalid('link');
		const result = await requestSync(db, { entity: at.entity, linkIds: [at.linkId], actor, via: 'web' });
		return result.ok ? startRun(locals, at.entity, result.links, m.link_synced()) : result;
	});

/** `?/retry`: gives a link that failed or was set aside another five tries. Fields: entity and link, or the page's own. */
export const retry = (event: RequestEvent) =>
	act(event, 'run', async ({ data, actor, db, locals }) => {
		const at = linkOf(event, data);
		if (!isId(at.linkId)) return invalid('link');
		const result = await retryQuarantined(db, { entity: at.entity, linkIds: [at.linkId], actor, via: 'web' });
		return result.ok ? startRun(locals, at.entity, result.links, m.link_retried()) : result;
	});

/** `?/takeOther`: the losing value of a settled conflict becomes ours and flows on. Fields: conflict. */
export const takeOther = (event: RequestEvent) =>
	act(event, 'resolve', async ({ data, actor, db }) => {
		const conflictId = textOf(data, 'conflict');
		if (!isId(conflictId)) return invalid('conflict');
		const result = await takeOtherValue(db, { conflictId, actor, via: 'web' });
		if (!result.ok) return result;
		const { label } = fieldShown(await entitiesIn(db), result.entity, result.field);
		return good(m.settled_reversed_now({ field: label }));
	});

/** `?/giveBack`: one write of the journal is undone. Fields: decision, field, side. */
export const giveBack = (event: RequestEvent) =>
	act(event, 'resolve', async ({ data, actor, db, locals }) => {
		const decisionId = textOf(data, 'decision');
		const side = textOf(data, 'side');
		if (!isId(decisionId)) return invalid('decision');
		if (side !== 'internal' && side !== 'external') return invalid('side');
		const result = await giveBackWrite(db, { decisionId, field: textOf(data, 'field'), side, actor, via: 'web' });
		if (!result.ok) return result;
		const { entity, linkId, channelId, field } = result;
		const text = m.give_back_done({ field: fieldShown(await entitiesIn(db), entity, field).label });
		return startRun(locals, entity, [{ id: linkId, channelId }], text);
	});

/** Everything that a record's Channel Mapping tab offers. */
export const recordActions = { link, accept, reject, unlink, makePrimary, undo, sync, exclude, include };

type LinkAt = { entity: string; linkId: string };
type LinkOfChannel = { id: string; channelId: string };

/** The link a form names; without one, that of the page itself. */
function linkOf({ params }: RequestEvent, data: FormData): LinkAt {
	return { entity: textOf(data, 'entity') || (params.entity ?? ''), linkId: textOf(data, 'link') || (params.id ?? '') };
}

/** The link is marked already, so a silent engine only means "later". */
async function startRun(
	locals: App.Locals,
	entity: string,
	links: readonly LinkOfChannel[],
	text: string
): Promise<Outcome> {
	const [first] = links;
	if (!first) return good(text);
	const answer = await locals.engine.startRun({
		channelId: first.channelId,
		entity,
		mode: 'records',
		mappingIds: links.map(({ id }) => id)
	});
	if (answer.ok) return good(text);
	return {
		ok: true,
		flash: {
			tone: 'warn',
			text: answer.unreachable ? m.link_synced_later() : `${answer.problem.title} ${answer.problem.hint}`
		}
	};
}
