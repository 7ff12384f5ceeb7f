import type { RequestEvent } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { act, done, refuse, requireRight, textOf } from '#src/lib/server/act.ts';
import { good, invalid, isId } from '#src/lib/server/form-input.ts';
import { acceptSuggestion } from '#src/mappings/accept-suggestion.ts';
import { rejectSuggestion } from '#src/mappings/reject-suggestion.ts';
import { undoJudgement } from '#src/mappings/undo-judgement.ts';

// One suggestion after the other. With `stay=yes` the page does not move: what a script asks for that has gone on already.

type Verdict = 'accept' | 'reject';

/** `?/accept` and `?/reject` of a triage. Fields: suggestion, and of its pair channel, entity, internal, external, variant (for the way back). */
const judge = (verdict: Verdict) => async (event: RequestEvent) => {
	const actor = requireRight(event.locals, 'link');
	const data = await event.request.formData();
	const suggestionId = textOf(data, 'suggestion');
	if (!isId(suggestionId)) return refuse(invalid('suggestion'));
	const verb = verdict === 'accept' ? acceptSuggestion : rejectSuggestion;
	const result = await verb(event.locals.db, { suggestionId, actor, via: 'web' });
	if (!result.ok) return refuse(result);
	if (textOf(data, 'stay') === 'yes') return { suggestionId };
	const { flash } = good(verdict === 'accept' ? m.suggestion_accepted() : m.suggestion_rejected());
	const fields = Object.fromEntries(pairFields.map((name) => [name, textOf(data, name)]));
	const action = `${event.url.pathname}?/undoJudgement`;
	const undo = fields['internal'] ? { undo: { action, fields } } : {};
	return done(event, { ok: true, flash: { ...flash, ...undo } }, data.get('returnTo'));
};

const pairFields = ['channel', 'entity', 'internal', 'external', 'variant'];

/** `?/undoJudgement`: the last judgement of a pair is taken back. Fields: those of the pair. */
const takeBack = async (event: RequestEvent) => {
	const actor = requireRight(event.locals, 'link');
	const data = await event.request.clone().formData();
	const [channelId, internalId] = [textOf(data, 'channel'), textOf(data, 'internal')];
	if (!isId(channelId)) return refuse(invalid('channel'));
	if (!isId(internalId)) return refuse(invalid('internal'));
	const pair = { channelId, entity: textOf(data, 'entity'), internalId };
	const theirs = { externalId: textOf(data, 'external'), variantId: textOf(data, 'variant') };
	const result = await undoJudgement(event.locals.db, { ...pair, ...theirs, actor, via: 'web' });
	if (!result.ok) return refuse(result);
	if (textOf(data, 'stay') === 'yes') return { suggestionId: result.suggestionId };
	return act(event, 'link', () => Promise.resolve(good(m.triage_undone())));
};

/** What a triage of suggestions posts to. */
export const judgeActions = { accept: judge('accept'), reject: judge('reject'), undoJudgement: takeBack };
