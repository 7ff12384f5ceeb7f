import { fail, type RequestEvent } from '@sveltejs/kit';
import { setError, superValidate } from 'sveltekit-superforms';
import { zod4 } from 'sveltekit-superforms/adapters';
import { typedFields, type Entity } from '#src/entities/entity.ts';
import {
	changedValues,
	fromFormValues,
	mergeForm,
	parseFormValues,
	recordFormSchema,
	toFormValues,
	type FormClash,
	type FormValues
} from '#src/lib/forms/record-form.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { done, refuse, requireRight, textOf } from '#src/lib/server/act.ts';
import { entityOr404 } from '#src/lib/server/entity-page.ts';
import { readRecord } from '#src/mappings/read-record.ts';
import { fromCodes, referenceChoices, withCodes } from '#src/mappings/reference-names.ts';
import { saveRecord } from '#src/mappings/save-record.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, parent }) => {
	const entity = await entityOr404(locals, params.entity);
	const [{ record }, choices] = await Promise.all([parent(), referenceChoices(locals.db, entity)]);
	const fields = typedFields(entity);
	return {
		keptIn: entity.source?.relation ?? null,
		formFields: fields.map((field) => ({ ...field, choices: choices[field.name] })),
		followed: entity.fields
			.filter(({ derived, type, keptElsewhere }) => typeof derived === 'object' || type === 'lines' || keptElsewhere)
			.map(({ name, label, type }) => ({ name, label, type })),
		form: await superValidate(toFormValues(fields, record.shown), zod4(recordFormSchema(fields)), { errors: false })
	};
};

export const actions: Actions = { save };

async function save(event: RequestEvent) {
	const actor = requireRight(event.locals, 'edit-record');
	const entity = await entityOr404(event.locals, event.params.entity ?? '');
	const data = await event.request.formData();
	const form = await superValidate(data, zod4(recordFormSchema(typedFields(entity))));
	if (!form.valid) return fail(400, { form });
	const was = parseFormValues(textOf(data, 'was')) ?? {};
	const gone = goneField(entity, data, was);
	if (gone !== undefined)
		return refuse({
			kind: 'stale',
			message: m.record_field_gone({ field: gone }),
			hint: m.record_field_gone_hint()
		});
	// A field that came to be after the page was made was not shown: nothing was said about it.
	const shown = Object.entries(form.data as FormValues).filter(([name]) => name in was || data.has(name));
	const id = event.params.id ?? '';
	const at = { entity, id, rev: textOf(data, 'rev'), was, typed: Object.fromEntries(shown) };
	for (let tries = 0; ; tries++) {
		const changed = changedValues(at.was, at.typed);
		if (Object.keys(changed).length === 0) return saved(event, m.record_unchanged());
		const { fields, unknown } = await fromCodes(event.locals.db, entity, fromFormValues(changed));
		if (unknown) return setError(form, unknown.field, m.form_no_such_record({ code: unknown.code }));
		const result = await saveRecord(event.locals.db, {
			entity: entity.name,
			id,
			rev: at.rev,
			fields,
			actor,
			via: 'web'
		});
		if (result.ok) return saved(event, m.record_saved());
		if (result.kind !== 'stale') {
			return result.field !== undefined && result.field in at.typed
				? setError(form, result.field, result.message)
				: refuse(result);
		}
		const meanwhile = await readMeanwhile(event.locals.db, entity, at);
		if (!meanwhile) return refuse(result);
		// Somebody changed other fields: theirs stay, ours go on top of them.
		if (meanwhile.clashes.length === 0 && tries < 3) {
			Object.assign(at, { rev: meanwhile.rev, was: meanwhile.now, typed: meanwhile.values });
			continue;
		}
		form.data = meanwhile.values;
		const clash: FormClash = { rev: meanwhile.rev, now: meanwhile.now, fields: meanwhile.clashes };
		return fail(409, { form, clash });
	}
}

/** A field that a person typed into and that was removed meanwhile. */
function goneField(entity: Entity, data: FormData, was: FormValues): string | undefined {
	const removed = Object.keys(was).filter((name) => !entity.fields.some((field) => field.name === name));
	return removed.find((name) => {
		const before = was[name] ?? '';
		return typeof before === 'boolean' ? data.has(name) !== before : textOf(data, name) !== before.trim();
	});
}

async function readMeanwhile(
	db: App.Locals['db'],
	entity: Entity,
	at: { id: string; was: FormValues; typed: FormValues }
) {
	const record = await readRecord(db, { entity: entity.name, id: at.id });
	if (!record) return null;
	const now = toFormValues(typedFields(entity), await withCodes(db, entity, record.fields));
	return { rev: record.rev, now, ...mergeForm({ was: at.was, typed: at.typed, now }) };
}

function saved(event: RequestEvent, text: string): never {
	return done(event, { ok: true, flash: { tone: 'good', text } });
}
