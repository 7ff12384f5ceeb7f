import { fail } from '@sveltejs/kit';
import { roles } from '#src/auth/roles.ts';
import { act, idOf, refuse, requireRight, roleLabel, textOf } from '#src/lib/server/act.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { listTokens } from '#src/mappings/list-tokens.ts';
import { createToken, revokeToken } from '#src/mappings/manage-tokens.ts';
import type { Actions, PageServerLoad } from './$types';

const nameLengthMax = 80;

export const load: PageServerLoad = async ({ locals }) => {
	requireRight(locals, 'manage-tokens');
	return { tokens: await listTokens(locals.db), roles: roles.map((role) => ({ role, label: roleLabel(role) })) };
};

export const actions: Actions = {
	// Answers with the page itself: a token must not travel through a redirect.
	create: async (event) => {
		const actor = requireRight(event.locals, 'manage-tokens');
		const data = await event.request.formData();
		const name = textOf(data, 'name').slice(0, nameLengthMax);
		if (name === '') return fail(400, { nameError: m.tokens_name_missing() });
		const role = roles.find((each) => each === textOf(data, 'role')) ?? 'viewer';
		const result = await createToken(event.locals.db, { name, role, actor, via: 'web' });
		if (!result.ok) return refuse(result);
		return { token: result.token };
	},
	revoke: (event) =>
		act(event, 'manage-tokens', async ({ data, actor, db }) => {
			const result = await revokeToken(db, { tokenId: idOf(data, 'tokenId'), actor, via: 'web' });
			if (!result.ok) return result;
			return { ok: true, flash: { tone: 'good', text: m.tokens_revoked_flash() } };
		})
};
