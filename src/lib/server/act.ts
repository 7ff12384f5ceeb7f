import { error, fail, redirect, type ActionFailure, type RequestEvent } from '@sveltejs/kit';
import { can, leastRoleFor, type Action, type Role } from '#src/auth/roles.ts';
import type { Flash } from '#src/lib/flash.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { safeReturnTo } from '#src/lib/return-to.ts';
import { setFlash } from './flash.ts';

/** Who acts, as store verbs and the journal take it. */
export type Actor = { name: string; role: Role };

/** A refusal as the shell shows it above the page; store verbs return this shape (and more) with `ok: false`. */
export type Refused = { kind: string; message: string; hint: string };

/** What an action's work returns: a refusal, or what to tell the person on the next page. */
export type Outcome = { ok: false; kind: string; message: string; hint: string } | Done;

/** `to`: where to go next; else the form's `returnTo`, else the page the form was on. */
export type Done = { ok: true; flash: Flash; to?: string };

type Work = { data: FormData; actor: Actor; db: App.Locals['db']; locals: App.Locals };

const statusOfKind: Record<string, number> = {
	'unknown-channel': 404,
	'unknown-entity': 404,
	'unknown-record': 404,
	'unknown-external': 404,
	'unknown-link': 404,
	'not-allowed': 403,
	held: 409,
	excluded: 409,
	'out-of-scope': 409,
	'intent-open': 409,
	stale: 409,
	'nothing-to-undo': 409,
	unreachable: 503
};

/** The person who sends this request; throws the 403 page where their role lacks the right. */
export function requireRight(locals: App.Locals, action: Action): Actor {
	const { user } = locals;
	if (!user) redirect(303, '/login');
	if (!can(user.role, action)) {
		error(403, {
			kind: 'not-allowed',
			message: m.error_not_allowed(),
			hint: m.error_not_allowed_hint({ role: roleLabel(leastRoleFor(action)), own: roleLabel(user.role) })
		});
	}
	return { name: user.email, role: user.role };
}

/** A role in words. */
export function roleLabel(role: Role): string {
	return { viewer: m.role_viewer(), operator: m.role_operator(), administrator: m.role_administrator() }[role];
}

/**
 * One form action: checks the right, does the work, then either keeps the page and shows the refusal,
 * or stores the message for the next page and redirects (303), so that a reload repeats nothing.
 */
export async function act(
	event: RequestEvent,
	right: Action,
	work: (input: Work) => Promise<Outcome>
): Promise<ActionFailure<{ refused: Refused }>> {
	const actor = requireRight(event.locals, right);
	const data = await event.request.formData();
	const outcome = await work({ data, actor, db: event.locals.db, locals: event.locals });
	if (!outcome.ok) return refuse(outcome);
	return done(event, outcome, data.get('returnTo'));
}

/** Keeps the page and shows the refusal above it. */
export function refuse({ kind, message, hint }: Refused): ActionFailure<{ refused: Refused }> {
	return fail(statusOfKind[kind] ?? 400, { refused: { kind, message, hint } });
}

/** Stores the message and goes on (303). For actions that parse their form themselves (superforms). */
export function done(event: RequestEvent, outcome: Done, returnTo?: FormDataEntryValue | null): never {
	setFlash(event.cookies, event.locals.config.SECRET_KEY, outcome.flash);
	redirect(303, safeReturnTo(outcome.to ?? returnTo, event.url.pathname));
}

/** Text of a form field, '' where it is missing or a file. */
export function textOf(data: FormData, name: string): string {
	const value = data.get(name);
	return typeof value === 'string' ? value.trim() : '';
}

/** An id of ours from a form field; '0', which no row has, where it is none. */
export function idOf(data: FormData, name: string): string {
	const text = textOf(data, name);
	return /^[1-9]\d{0,17}$/.test(text) ? text : '0';
}
