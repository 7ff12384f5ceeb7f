import { takeFlash } from '#src/lib/server/flash.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = ({ locals, cookies }) => ({
	user: locals.user,
	theme: locals.theme,
	zone: locals.zone,
	shortcuts: locals.shortcuts,
	/** The server's time of this answer: what "5 minutes ago" counts from, alike on server and browser. */
	now: new Date().toISOString(),
	flash: takeFlash(cookies, locals.config.SECRET_KEY)
});
