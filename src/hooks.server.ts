import { building } from '$app/environment';
import { getRequestEvent } from '$app/server';
import { env } from '$env/dynamic/private';
import { redirect, type Handle, type HandleServerError, type ServerInit } from '@sveltejs/kit';
import { createAuth, sessionUser } from '#src/auth/auth.ts';
import { signEngineToken } from '#src/auth/engine-token.ts';
import { ensureFirstAdministrator } from '#src/auth/people.ts';
import type { Role } from '#src/auth/roles.ts';
import { connect } from '#src/db/client.ts';
import { sql } from 'drizzle-orm';
import { isDatabaseDown } from '#src/db/is-database-down.ts';
import { isFetchCrash } from '#src/engine/fetch-crash.ts';
import { createEngineClient } from '#src/engine-client/engine-client.ts';
import { createSyncStatus } from '#src/engine-client/sync-status.ts';
import { compressed } from '#src/lib/server/compressed.ts';
import { parseConfig, type Config } from '#src/lib/server/config.ts';
import { databaseDownResponse } from '#src/lib/server/database-down.ts';
import { signInLimit } from '#src/lib/server/sign-in-limit.ts';
import type { Web } from '#src/lib/server/web.ts';
import { sharedProblemGroups } from '#src/mappings/shared-problem-groups.ts';
import { parseShortcuts } from '#src/lib/shortcuts.ts';
import { parseTheme } from '#src/lib/theme.ts';
import { parseZone } from '#src/lib/zone.ts';
import { m } from '#src/lib/paraglide/messages.js';

let web: Web | undefined;
let administratorChecked = false;

/** A page must not wait for an engine that hangs. */
const statusTimeoutMs = 1_500;

function open(): Web {
	const config = parseConfig(env);
	const { db, close } = connect(config.DATABASE_URL, { applicationName: 'channel-mapping web' });
	// Open connections would keep the process alive after its last request.
	process.once('sveltekit:shutdown', () => void close());
	const auth = createAuth({
		db,
		secretKey: config.SECRET_KEY,
		origin: config.ORIGIN,
		requestEvent: getRequestEvent
	});
	const statusClient = createEngineClient({
		url: config.ENGINE_URL,
		sign: () => signFor(config, { email: 'web', role: 'viewer' }),
		timeoutMs: statusTimeoutMs
	});
	const syncStatus = createSyncStatus({ client: statusClient, nowMs: () => performance.now() });
	const problemGroups = sharedProblemGroups({ db, nowMs: () => performance.now() });
	return { config, db, auth, syncStatus, problemGroups, signInLimit: signInLimit() };
}

/** Runs once at start: a wrong environment stops the process with one line; a missing database does not. */
export const init: ServerInit = async () => {
	if (building) return;
	try {
		web = open();
	} catch (problem) {
		console.error(problem instanceof Error ? problem.message : problem);
		process.exit(1);
	}
	process.on('uncaughtException', endOnDefect);
	await makeFirstAdministrator(web).catch((problem: unknown) => {
		if (!isDatabaseDown(problem)) throw problem;
	});
};

/** An engine that ends in the middle of an answer must not end this process too. */
function endOnDefect(problem: Error): void {
	if (isFetchCrash(problem)) return;
	console.error(problem);
	process.exit(1);
}

async function makeFirstAdministrator({ auth, db, config }: Web): Promise<void> {
	if (administratorChecked) return;
	if (config.ADMIN_EMAIL && config.ADMIN_PASSWORD) {
		await ensureFirstAdministrator(auth, db, { email: config.ADMIN_EMAIL, password: config.ADMIN_PASSWORD });
	}
	administratorChecked = true;
}

const openPaths = new Set(['/login', '/healthz']);

export const handle: Handle = async ({ event, resolve }) => {
	if (!web || building) return resolve(event);
	const { cookies, url, locals, request } = event;
	Object.assign(locals, web, {
		user: null,
		zone: parseZone(cookies.get('zone')),
		theme: parseTheme(cookies.get('theme')),
		shortcuts: parseShortcuts(cookies.get('shortcuts')),
		engine: engineFor(locals, web.config)
	});
	try {
		if (url.pathname !== '/healthz') {
			await makeFirstAdministrator(web);
			locals.user = await sessionUser(web.auth, request.headers);
			// Without a session cookie nothing has asked the database yet.
			if (!locals.user) await web.db.execute(sql`select 1`);
		}
	} catch (problem) {
		if (!isDatabaseDown(problem)) throw problem;
		return databaseDownResponse(
			event.isDataRequest ? 'data' : event.request.headers.has('x-sveltekit-action') ? 'action' : 'page'
		);
	}
	if (!locals.user && !openPaths.has(url.pathname)) {
		const returnTo = request.method === 'GET' ? `${url.pathname}${url.search}` : url.pathname;
		redirect(303, returnTo === '/' ? '/login' : `/login?returnTo=${encodeURIComponent(returnTo)}`);
	}
	const response = await resolve(event, {
		transformPageChunk: ({ html }) => html.replace('%theme%', locals.theme).replace('%lang%', 'en')
	});
	secure(response.headers, web.config.ORIGIN);
	return event.isSubRequest ? response : compressed(request, response);
};

/** The engine, asked in the name of whoever is signed in by the time of the call. */
function engineFor(locals: App.Locals, config: Config) {
	return createEngineClient({
		url: config.ENGINE_URL,
		sign: () => {
			if (!locals.user) throw new Error('nobody is signed in');
			return signFor(config, locals.user);
		}
	});
}

function signFor(config: Config, who: { email: string; role: Role }): Promise<string> {
	return signEngineToken(config.SECRET_KEY, who, Math.floor(Date.now() / 1000));
}

function secure(headers: Headers, origin: string): void {
	headers.set('x-content-type-options', 'nosniff');
	headers.set('x-frame-options', 'DENY');
	headers.set('referrer-policy', 'same-origin');
	headers.set('cross-origin-opener-policy', 'same-origin');
	headers.set('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()');
	if (origin.startsWith('https://')) headers.set('strict-transport-security', 'max-age=31536000');
	if (!headers.has('cache-control')) headers.set('cache-control', 'private, no-store');
}

export const handleError: HandleServerError = ({ error, status, message, event }) => {
	if (isDatabaseDown(error)) {
		return { kind: 'database', message: m.error_database(), hint: m.error_database_hint() };
	}
	if (status === 404) return { message: m.error_not_found(), hint: m.error_not_found_hint() };
	const stack = error instanceof Error ? (error.stack ?? error.message) : message;
	console.error(JSON.stringify({ level: 'error', path: event.url.pathname, message: stack }));
	return { message: m.error_unexpected(), hint: m.error_unexpected_hint() };
};
