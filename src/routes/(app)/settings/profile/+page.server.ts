import { fail } from '@sveltejs/kit';
import { passwordLengthMin } from '#src/auth/auth.ts';
import { done, requireRight } from '#src/lib/server/act.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { parseTheme } from '#src/lib/theme.ts';
import { isZone } from '#src/lib/zone.ts';
import type { Actions, PageServerLoad } from './$types';

const yearSeconds = 365 * 24 * 60 * 60;

export const load: PageServerLoad = () => ({
	zones: ['UTC', ...Intl.supportedValuesOf('timeZone')],
	passwordLengthMin
});

export const actions: Actions = {
	look: async (event) => {
		requireRight(event.locals, 'read');
		const data = await event.request.formData();
		const zone = String(data.get('zone') ?? '').trim();
		if (!isZone(zone)) return fail(400, { zone, errors: { zone: m.profile_zone_wrong() } });
		const options = { path: '/', httpOnly: true, sameSite: 'lax', maxAge: yearSeconds } as const;
		event.cookies.set('theme', parseTheme(String(data.get('theme') ?? '')), options);
		event.cookies.set('zone', zone, options);
		event.cookies.set('shortcuts', data.get('shortcuts') === 'on' ? 'on' : 'off', options);
		return done(event, { ok: true, flash: { tone: 'good', text: m.profile_saved() } });
	},
	password: async (event) => {
		requireRight(event.locals, 'read');
		const data = await event.request.formData();
		const currentPassword = String(data.get('current') ?? '');
		const newPassword = String(data.get('new') ?? '');
		if (newPassword.length < passwordLengthMin) {
			return fail(400, { errors: { new: m.profile_password_short({ length: passwordLengthMin }) } });
		}
		const { signInLimit, auth, user } = event.locals;
		const address = event.getClientAddress();
		const account = user?.email ?? '';
		const waitSeconds = await signInLimit.count(account, address);
		if (waitSeconds > 0) {
			return fail(429, { errors: { current: m.login_too_many({ minutes: Math.ceil(waitSeconds / 60) }) } });
		}
		try {
			await auth.api.changePassword({
				body: { currentPassword, newPassword, revokeOtherSessions: true },
				headers: event.request.headers
			});
		} catch (problem) {
			if (!(problem instanceof Error) || !('statusCode' in problem)) throw problem;
			return fail(400, { errors: { current: m.profile_password_wrong() } });
		}
		await signInLimit.forgive(account, address);
		return done(event, { ok: true, flash: { tone: 'good', text: m.profile_password_saved() } });
	}
};
