import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { m } from '#src/lib/paraglide/messages.js';
import { safeReturnTo } from '#src/lib/return-to.ts';
import type { Actions, PageServerLoad } from './$types';

const credentials = z.object({
	email: z
		.string({ error: () => m.login_email_missing() })
		.trim()
		.min(1, { error: () => m.login_email_missing() })
		.max(254),
	password: z
		.string({ error: () => m.login_password_missing() })
		.min(1, { error: () => m.login_password_missing() })
		.max(256)
});

type Errors = Partial<Record<'email' | 'password', string[]>>;
const none: Errors = {};

export const load: PageServerLoad = ({ locals, url }) => {
	const returnTo = safeReturnTo(url.searchParams.get('returnTo'));
	if (locals.user) redirect(303, returnTo);
	return { returnTo };
};

export const actions: Actions = {
	default: async ({ request, locals, getClientAddress }) => {
		const data = await request.formData();
		const entered = { email: String(data.get('email') ?? ''), password: String(data.get('password') ?? '') };
		const parsed = credentials.safeParse(entered);
		if (!parsed.success) {
			const errors: Errors = z.flattenError(parsed.error).fieldErrors;
			return fail(400, { email: entered.email, errors, message: null });
		}
		const { email, password } = parsed.data;
		const address = getClientAddress();
		const waitSeconds = await locals.signInLimit.count(email, address);
		if (waitSeconds > 0) {
			const message = m.login_too_many({ minutes: Math.ceil(waitSeconds / 60) });
			return fail(429, { email, errors: none, message });
		}
		try {
			await locals.auth.api.signInEmail({ body: { email, password }, headers: request.headers });
		} catch (problem) {
			if (!isRefusal(problem)) throw problem;
			return fail(400, { email, errors: none, message: m.login_wrong() });
		}
		await locals.signInLimit.forgive(email, address);
		redirect(303, safeReturnTo(data.get('returnTo')));
	}
};

/** better-auth's refusals (4xx) all read the same here: nobody learns which accounts exist. */
function isRefusal(problem: unknown): boolean {
	if (!(problem instanceof Error) || !('statusCode' in problem)) return false;
	return typeof problem.statusCode === 'number' && problem.statusCode >= 400 && problem.statusCode < 500;
}
