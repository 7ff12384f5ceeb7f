import { fail, type RequestEvent } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { done, refuse, requireRight, textOf } from '#src/lib/server/act.ts';
import { good } from '#src/lib/server/form-input.ts';
import { entityIn } from '#src/mappings/entities-now.ts';
import { nextConflict } from '#src/mappings/list-conflicts.ts';
import { readLink } from '#src/mappings/read-link.ts';
import { resolveConflicts } from '#src/mappings/resolve-conflicts.ts';

type Choices = Record<string, 'internal' | 'external'>;

/**
 * `?/resolve`: the chosen side of each field stays, the other takes it over. Fields: `choice.<field>` = internal | external
 * (or `all` for every open field), internalRev and externalVersion as they were on the screen, `next` to go on with the next
 * conflict of the channel. Values that moved meanwhile are refused (409) with the choices kept.
 */
export async function resolve(event: RequestEvent) {
	const actor = requireRight(event.locals, 'resolve');
	const at = { entity: event.params.entity ?? '', id: event.params.id ?? '' };
	const data = await event.request.formData();
	const { choices, errors } = await readChoices(event, data, at);
	if (Object.keys(errors).length > 0) return fail(400, { choices, errors, stale: false });
	if (Object.keys(choices).length === 0) {
		return refuse({ kind: 'invalid', message: m.conflict_choose(), hint: m.conflict_text() });
	}
	const result = await resolveConflicts(event.locals.db, {
		entity: at.entity,
		linkId: at.id,
		choices,
		internalRev: textOf(data, 'internalRev'),
		externalVersion: textOf(data, 'externalVersion'),
		actor,
		via: 'web'
	});
	if (result.ok) {
		const to = data.has('next') ? await afterThis(event, at) : {};
		return done(event, { ...good(m.conflict_resolved({ n: Object.keys(choices).length })), ...to });
	}
	return result.kind === 'stale' ? fail(409, { choices, errors: {}, stale: true }) : refuse(result);
}

/** Where the next conflict of the same channel is decided; the channel's list where that was the last. */
async function afterThis({ locals }: RequestEvent, at: { entity: string; id: string }): Promise<{ to?: string }> {
	const link = await readLink(locals.db, at);
	if (!link) return {};
	const next = await nextConflict(locals.db, { channelId: link.channelId, entity: at.entity, linkId: at.id });
	if (!next) return { to: `/channels/${link.channelId}/conflicts?entity=${at.entity}` };
	return { to: `/links/${next.entity}/${next.linkId}#conflicts` };
}

async function readChoices(event: RequestEvent, data: FormData, at: { entity: string; id: string }) {
	const choices: Choices = {};
	const errors: Record<string, string> = {};
	const all = textOf(data, 'all');
	if (all === 'internal' || all === 'external') {
		const link = await readLink(event.locals.db, at);
		for (const { field } of link?.conflicts ?? []) choices[field] = all;
		return { choices, errors };
	}
	for (const field of (await entityIn(event.locals.db, at.entity))?.fields ?? []) {
		const value = textOf(data, `choice.${field.name}`);
		if (value === 'internal' || value === 'external') choices[field.name] = value;
		else if (value !== '') errors[field.name] = `${field.label}: ${m.conflict_choice_invalid()}`;
	}
	return { choices, errors };
}
