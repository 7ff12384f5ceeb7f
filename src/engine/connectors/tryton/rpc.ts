import { z } from 'zod';
import type { CallOptions } from '../connector.ts';
import { ConnectorError, type ConnectorErrorKind } from '../error.ts';
import { hostOf } from '../http.ts';
import { parseJson, readableReply } from '../parse-json.ts';
import type { HttpReply, Transport } from '../transport.ts';
import { errorOfBody, errorOfStatus } from './reply-error.ts';
import type { TrytonSettings } from './settings.ts';

export type Rpc = {
	/**
	 * Calls "model.method" with these arguments and the context that Tryton wants last. Logs in first where needed, and
	 * once more where the session ended; nothing else is retried, and no create at all: its outcome is then unknown. `context` is added to the user's preferences.
	 */
	call(method: string, args: readonly unknown[], options?: CallOptions, context?: object): Promise<unknown>;
	/** Id of the channel's user in Tryton. */
	userId(): Promise<number>;
	/** Host and database, for hints. */
	from: string;
	/** Logs out. Never throws. */
	close(): Promise<void>;
};

type Login = { userId: number; authorization: string; preferences: Record<string, unknown> };

const loginResult = z.tuple([z.number().int(), z.string().min(1)]);
const replySchema = z.object({ result: z.unknown(), error: z.unknown() }).partial();
type PostOptions = CallOptions & { timeoutMs?: number };

const lastingRefusals: ReadonlySet<ConnectorErrorKind> = new Set(['unauthorized', 'rate-limited']);
/** After wrong passwords, Tryton delays the answer to a right one by up to 31 s. */
const loginTimeoutMs = 40_000;
/** Tryton's default of `[session] timeout`, after which it forgets wrong passwords. */
const loginLockMs = 300_000;

/** One user's session at one Tryton database. Makes no call until it is needed. */
export function createRpc(input: { settings: TrytonSettings; password: string; transport: Transport }): Rpc {
	const { settings, password } = input;
	const post = createPost(`${settings.url}/${encodeURIComponent(settings.database)}/`, input.transport);
	const from = `Tryton at ${hostOf(settings.url)} (${settings.database})`;
	let pending: Promise<Login> | undefined;
	let refusal: ConnectorError | undefined;

	async function logIn(): Promise<Login> {
		const method = 'common.db.login';
		const reply = await post(method, [settings.user, { password }, 'en'], undefined, { timeoutMs: loginTimeoutMs });
		if (reply.status === 401) throw wrongPassword(from, settings.user);
		if (reply.status === 429) throw locked(from, reply);
		const [userId, session] = parsed(loginResult, resultOf(reply, from, method), from, method);
		const authorization = `Session ${Buffer.from(`${settings.user}:${userId}:${session}`).toString('base64')}`;
		const asked = 'model.res.user.get_preferences';
		const preferences = resultOf(await post(asked, [true, {}], authorization), from, asked);
		return { userId, authorization, preferences: parsed(z.record(z.string(), z.unknown()), preferences, from, asked) };
	}

	/**
	 * All callers share one login. A refused login is never tried again: after a few wrong passwords Tryton refuses the
	 * right one too, and every try makes that last longer.
	 */
	function session(): Promise<Login> {
		if (refusal) return Promise.reject(refusal);
		pending ??= logIn().catch((error: unknown) => {
			pending = undefined;
			if (error instanceof ConnectorError && lastingRefusals.has(error.kind)) refusal = error;
			throw error;
		});
		return pending;
	}

	async function call(method: string, args: readonly unknown[], options?: CallOptions, context: object = {}) {
		const name = `model.${method}`;
		for (const again of [true, false]) {
			const used = session();
			const login = await used;
			// Inactive rows are hidden from searches and lists of other rows unless this is said.
			const params = [...args, { ...login.preferences, active_test: false, ...context }];
			const reply = await post(name, params, login.authorization, options);
			if (reply.status !== 401) return resultOf(reply, from, name);
			if (again && pending === used) pending = undefined;
			// Whoever answers 401 may have let the call through, as a proxy in between can: a create is never sent twice.
			if (again && method.endsWith('.create')) throw sessionEnded(from);
		}
		refusal = wrongPassword(from, settings.user);
		throw refusal;
	}

	async function close() {
		const login = await pending?.catch(() => undefined);
		pending = undefined;
		if (login) await post('common.db.logout', [], login.authorization).catch(() => undefined);
	}

	return { call, userId: async () => (await session()).userId, from, close };
}

function createPost(url: string, transport: Transport) {
	let lastId = 0;
	return (method: string, params: readonly unknown[], authorization?: string, options: PostOptions = {}) =>
		transport({
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				accept: 'application/json',
				...(authorization === undefined ? {} : { authorization })
			},
			// Exactly the keys id, method and params: with any other set, Tryton answers in another format.
			body: JSON.stringify({ id: (lastId += 1), method, params }),
			...options
		});
}

function resultOf(reply: HttpReply, from: string, method: string): unknown {
	if (reply.status < 200 || reply.status > 299) throw errorOfStatus(reply, from, method);
	const body = parsed(replySchema, parseJson(reply.text, from), from, method);
	if (body.error !== undefined && body.error !== null) throw errorOfBody(body.error, from, method);
	if (!('result' in body)) throw invalidReply(from, method, 'it has neither a result nor an error');
	return body.result;
}

/** Checks an answer at the door. Throws `invalid-reply` that names the first thing that is not as expected. */
export function parsed<Schema extends z.ZodType>(
	schema: Schema,
	value: unknown,
	from: string,
	method: string
): z.output<Schema> {
	const outcome = schema.safeParse(value);
	if (outcome.success) return outcome.data;
	const issue = outcome.error.issues[0];
	throw invalidReply(from, method, issue ? `${issue.path.join('.') || 'all of it'}: ${issue.message}` : 'unknown form');
}

function invalidReply(from: string, method: string, what: string): ConnectorError {
	const hint = `${from} answered ${method} in an unknown way (${what}). Check that its modules and version are supported.`;
	return new ConnectorError('invalid-reply', { hint });
}

function sessionEnded(from: string): ConnectorError {
	const hint = `${from} ended the session while a record was created. It is searched for before it is created again.`;
	return new ConnectorError('unreachable', { hint });
}

function wrongPassword(from: string, user: string): ConnectorError {
	const hint = `${from} refused the user "${user}". Renew the password of this channel and check that the user is active.`;
	return new ConnectorError('unauthorized', { hint });
}

function locked(from: string, reply: HttpReply): ConnectorError {
	const hint = `${from} refuses every login of this user for some minutes, because of wrong passwords before. Renew the password if it changed; otherwise the next run goes on by itself.`;
	return new ConnectorError('rate-limited', {
		hint,
		retryAfterMs: reply.retryAfterMs ?? loginLockMs,
		reply: readableReply(reply.text)
	});
}
