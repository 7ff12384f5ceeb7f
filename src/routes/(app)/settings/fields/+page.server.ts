import { fail, type RequestEvent } from '@sveltejs/kit';
import { setError, superValidate } from 'sveltekit-superforms';
import { zod4 } from 'sveltekit-superforms/adapters';
import { customFieldsAtMost, nameForLabel } from '#src/entities/custom-fields.ts';
import { entities } from '#src/entities/registry.ts';
import { customFieldForm } from '#src/lib/forms/custom-field.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { act, done, refuse, requireRight, textOf } from '#src/lib/server/act.ts';
import { entityChoices } from '#src/lib/server/entity-page.ts';
import { good } from '#src/lib/server/form-input.ts';
import { listCustomFields } from '#src/mappings/list-custom-fields.ts';
import {
	addCustomField,
	putBackCustomField,
	removeCustomField,
	renameCustomField
} from '#src/mappings/manage-fields.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	requireRight(locals, 'manage-fields');
	const fields = await listCustomFields(locals.db);
	const of = entities.map(({ name, label }) => ({
		name,
		label: label.many,
		fields: fields.filter((field) => field.entity === name && !field.removed)
	}));
	return {
		groups: of.filter((group) => group.fields.length > 0),
		removed: fields
			.filter(({ removed }) => removed)
			.map((field) => ({ ...field, of: of.find(({ name }) => name === field.entity)?.label ?? field.entity })),
		choices: entityChoices(),
		atMost: customFieldsAtMost,
		form: await superValidate(zod4(customFieldForm))
	};
};

export const actions: Actions = {
	add,
	rename: (event) =>
		act(event, 'manage-fields', async ({ data, actor, db }) => {
			const label = textOf(data, 'label');
			const result = await renameCustomField(db, { ...fieldOf(data), label, actor, via: 'web' });
			return result.ok ? good(m.fields_renamed({ field: label })) : result;
		}),
	remove: (event) =>
		act(event, 'manage-fields', async ({ data, actor, db }) => {
			const at = fieldOf(data);
			const result = await removeCustomField(db, { ...at, actor, via: 'web' });
			if (!result.ok) return result;
			const text = m.fields_removed({ field: textOf(data, 'label') });
			return { ok: true, flash: { tone: 'good', text, undo: { action: '/settings/fields?/putBack', fields: at } } };
		}),
	putBack: (event) =>
		act(event, 'manage-fields', async ({ data, actor, db }) => {
			const result = await putBackCustomField(db, { ...fieldOf(data), actor, via: 'web' });
			return result.ok ? good(m.fields_put_back()) : result;
		})
};

async function add(event: RequestEvent) {
	const actor = requireRight(event.locals, 'manage-fields');
	const form = await superValidate(event, zod4(customFieldForm));
	if (!form.valid) return fail(400, { form });
	const { entity, label, type, maxLength, scale } = form.data;
	const name = form.data.name || nameForLabel(label);
	if (name === '') return setError(form, 'name', m.fields_name_missing());
	const result = await addCustomField(event.locals.db, {
		entity,
		name,
		label,
		type,
		maxLength: type === 'text' ? maxLength : null,
		scale: type === 'decimal' ? scale : null,
		actor,
		via: 'web'
	});
	if (result.ok) return done(event, good(m.fields_added({ field: label })));
	const { field, message, hint } = result;
	return field === 'name' || field === 'label' || field === 'entity'
		? setError(form, field, `${message} ${hint}`)
		: refuse(result);
}

function fieldOf(data: FormData): { entity: string; name: string } {
	return { entity: textOf(data, 'entity'), name: textOf(data, 'name') };
}
