import { error, fail, type RequestEvent } from '@sveltejs/kit';
import { setError, superValidate } from 'sveltekit-superforms';
import { zod4 } from 'sveltekit-superforms/adapters';
import { typedFields } from '#src/entities/entity.ts';
import { fromFormValues, recordFormSchema, type FormValues } from '#src/lib/forms/record-form.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { done, refuse, requireRight } from '#src/lib/server/act.ts';
import { entityHead, entityOr404, isMadeHere } from '#src/lib/server/entity-page.ts';
import { createRecord } from '#src/mappings/create-record.ts';
import { fromCodes, referenceChoices } from '#src/mappings/reference-names.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params }) => {
	requireRight(locals, 'edit-record');
	const entity = await entityOr404(locals, params.entity);
	if (!isMadeHere(entity)) {
		error(404, { message: m.record_not_made({ many: entity.label.many }), hint: m.record_not_made_hint() });
	}
	const choices = await referenceChoices(locals.db, entity);
	return {
		entity: entityHead(entity),
		formFields: typedFields(entity).map((field) => ({ ...field, choices: choices[field.name] })),
		form: await superValidate({ is_active: true }, zod4(recordFormSchema(typedFields(entity))), { errors: false })
	};
};

export const actions: Actions = { create };

async function create(event: RequestEvent) {
	const actor = requireRight(event.locals, 'edit-record');
	const entity = await entityOr404(event.locals, event.params.entity ?? '');
	const form = await superValidate(await event.request.formData(), zod4(recordFormSchema(typedFields(entity))));
	if (!form.valid) return fail(400, { form });
	const values = form.data as FormValues;
	const { fields, unknown } = await fromCodes(event.locals.db, entity, fromFormValues(values));
	if (unknown) return setError(form, unknown.field, m.form_no_such_record({ code: unknown.code }));
	const result = await createRecord(event.locals.db, {
		entity: entity.name,
		fields,
		actor,
		via: 'web'
	});
	if (result.ok) {
		return done(event, {
			ok: true,
			flash: { tone: 'good', text: m.record_created({ one: entity.label.one }) },
			to: `/records/${entity.name}/${result.id}/channels`
		});
	}
	return result.field !== undefined && result.field in values
		? setError(form, result.field, result.message)
		: refuse(result);
}
