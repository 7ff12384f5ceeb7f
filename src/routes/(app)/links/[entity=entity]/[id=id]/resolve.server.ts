import { fail, type RequestEvent } from '@sveltejs/kit';
import { entityNamed } from '#src/entities/registry.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { done, refuse, requireRight, textOf } from '#src/lib/server/act.ts';
import { good } from '#src/lib/server/form-input.ts';
import { readLink } from '#src/mappings/read-link.ts';
import { resolveConflicts } from '#src/mappings/resolve-conflicts.ts';

type Choices = Record<string, 'internal' | 'external'>;

/**
 * `?/resolve`: the chosen side of each field stays, the other takes it over. Fields: `choice.<field>` = internal | external
 * (or `all` for every open field), internalRev and externalVersion as they were on the screen. Values that moved meanwhile
 * are refused (409) with the choices kept.
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
	if (result.ok) return done(event, good(m.conflict_resolved({ n: Object.keys(choices).length })));
	return result.kind === 'stale' ? fail(409, { choices, errors: {}, stale: true }) : refuse(result);
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
	for (const field of entityNamed(at.entity)?.fields ?? []) {
		const value = textOf(data, `choice.${field.name}`);
		if (value === 'internal' || value === 'external') choices[field.name] = value;
		else if (value !== '') errors[field.name] = `${field.label}: ${m.conflict_choice_invalid()}`;
	}
	return { choices, errors };
}
