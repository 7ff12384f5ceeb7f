import { fail } from '@sveltejs/kit';
import { setError, superValidate } from 'sveltekit-superforms';
import { zod4 } from 'sveltekit-superforms/adapters';
import { passwordLengthMin } from '#src/auth/auth.ts';
import {
	changeRole,
	createPerson,
	listPeople,
	removePerson,
	resetPassword,
	type PersonResult
} from '#src/auth/people.ts';
import { roles } from '#src/auth/roles.ts';
import { newUserForm } from '#src/lib/forms/new-user.ts';
import { act, done, requireRight, roleLabel, textOf, type Outcome } from '#src/lib/server/act.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	requireRight(locals, 'manage-users');
	return {
		people: await listPeople(locals.db),
		form: await superValidate(zod4(newUserForm)),
		roles: roles.map((role) => ({ role, label: roleLabel(role) })),
		passwordLengthMin
	};
};

function refused(result: Extract<PersonResult, { ok: false }>): Outcome {
	if (result.kind === 'last-administrator') {
		return { ok: false, kind: 'stale', message: m.users_last_administrator(), hint: m.users_last_administrator_hint() };
	}
	return { ok: false, kind: 'unknown-record', message: m.users_unknown(), hint: m.users_unknown_hint() };
}

export const actions: Actions = {
	add: async (event) => {
		requireRight(event.locals, 'manage-users');
		const form = await superValidate(event.request, zod4(newUserForm));
		if (!form.valid) return fail(400, { form });
		const result = await createPerson(event.locals.auth, form.data);
		if (!result.ok) return setError(form, 'email', m.users_taken());
		return done(event, { ok: true, flash: { tone: 'good', text: m.users_added({ email: form.data.email }) } });
	},
	role: (event) =>
		act(event, 'manage-users', async ({ data, db }) => {
			const role = roles.find((each) => each === textOf(data, 'role')) ?? 'viewer';
			const result = await changeRole(db, textOf(data, 'id'), role);
			if (!result.ok) return refused(result);
			return {
				ok: true,
				flash: { tone: 'good', text: m.users_role_changed({ email: textOf(data, 'email'), role: roleLabel(role) }) }
			};
		}),
	reset: (event) =>
		act(event, 'manage-users', async ({ data, locals }) => {
			const password = String(data.get('password') ?? '');
			if (password.length < passwordLengthMin) {
				const message = m.profile_password_short({ length: passwordLengthMin });
				return { ok: false, kind: 'invalid', message, hint: '' };
			}
			const result = await resetPassword(locals.auth, textOf(data, 'id'), password);
			if (!result.ok) return refused(result);
			return { ok: true, flash: { tone: 'good', text: m.users_reset_done({ email: textOf(data, 'email') }) } };
		}),
	remove: (event) =>
		act(event, 'manage-users', async ({ data, db, locals }) => {
			const id = textOf(data, 'id');
			if (id === locals.user?.id)
				return { ok: false, kind: 'not-allowed', message: m.users_self(), hint: m.users_self_hint() };
			const result = await removePerson(db, id);
			if (!result.ok) return refused(result);
			return { ok: true, flash: { tone: 'good', text: m.users_removed({ email: textOf(data, 'email') }) } };
		})
};
