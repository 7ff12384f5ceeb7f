import { z } from 'zod';
import type { CallOptions } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { hostOf } from '../http.ts';
import { parseJson } from '../parse-json.ts';
import type { HttpReply, Transport } from '../transport.ts';
import {
	errorOfGraphql,
	errorOfStatus,
	type GraphqlError,
	invalidReply,
	isForbidden,
	parsed,
	type Purpose
} from './reply-error.ts';
import { serverQuery, type VendureServer, vendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';

/** One operation of the Admin API. Its document has exactly one. */
export type Operation = { document: string; purpose: Purpose; creates?: true };

/** A document with mutations under these aliases, in their order. */
export type MutationCall = { document: string; aliases: readonly string[]; variables: object };

/** Answers by alias, or null where one stopped the call, and the mutations after it; errors by alias. */
export type MutationAnswers = {
	data: Readonly<Record<string, unknown>> | null;
	errors: ReadonlyMap<string, ConnectorError>;
};

export type AdminApi = {
	/**
	 * The `data` of the answer. Logs in first where needed, and once more where the session ended; nothing else is
	 * retried, and no create at all: its outcome is then unknown.
	 */
	ask(operation: Operation, variables: object, options?: CallOptions): Promise<unknown>;
	/**
	 * The same for several mutations, each under an alias, with what was refused of them. Throws where it concerns all of the
	 * call, of which nothing was performed then.
	 */
	mutate(call: MutationCall, options?: CallOptions): Promise<MutationAnswers>;
	/** What this server is set up for; asked once a session. Throws `misconfigured` where the settings do not fit. */
	server(options?: CallOptions): Promise<VendureServer>;
	/** The same where it was asked already. */
	known(): VendureServer | undefined;
	/** Asks again. */
	probe(options?: CallOptions): Promise<void>;
	/** Host, for hints. */
	from: string;
};

const loginDocument = `mutation ChannelMappingLogin($user: String!, $password: String!) {
	login(username: $user, password: $password) {
		__typename
		... on ErrorResult { errorCode message }
	}
}`;

const loginResult = z.object({ login: z.object({ __typename: z.string(), message: z.string().optional() }) });
const graphqlError = z.object({
	message: z.string().catch(''),
	path: z.tuple([z.string()]).rest(z.unknown()).optional().catch(undefined),
	extensions: z.object({ code: z.string().optional() }).optional().catch(undefined)
});
const answersSchema = z.record(z.string(), z.unknown()).nullable();
const answerSchema = z.object({ data: z.unknown(), errors: z.array(graphqlError) }).partial();

type Credentials = { user: string; password: string };

/**
 * One user's session at one Vendure server. Makes no call until it is needed. It never logs out: that would end every
 * session of the user, those of other runs too.
 */
export function createAdminApi(input: {
	settings: VendureSettings;
	credentials: Credentials;
	transport: Transport;
}): AdminApi {
	const { settings, credentials } = input;
	const from = `Vendure at ${hostOf(settings.url)}`;
	const post = createPost(settings, input.transport, from);
	let token: Promise<string> | undefined;
	let server: VendureServer | undefined;
	let refusal: ConnectorError | undefined;

	/** All callers share one login. A refused one is not tried again: wrong passwords may lock the user. */
	function session(): Promise<string> {
		if (refusal) return Promise.reject(refusal);
		token ??= logIn(post, credentials, from).catch((error: unknown) => {
			token = undefined;
			if (error instanceof ConnectorError && error.kind === 'unauthorized') refusal = error;
			throw error;
		});
		return token;
	}

	/** Logs in again where the call was refused for want of a session, before any of it was performed. */
	async function answer(
		document: string,
		variables: object,
		{ first, creates }: { first?: string; creates?: boolean },
		options?: CallOptions
	): Promise<Answer> {
		for (const again of [true, false]) {
			const used = session();
			const found = answerOf(await post(document, variables, await used, options), from);
			const [error] = found.errors;
			const isBegun = first !== undefined && error?.alias !== undefined && error.alias !== first;
			if (!error || !isForbidden(error) || isBegun) return found;
			if (again && token === used) token = undefined;
			// Whoever answers so may have let the call through, as a proxy in between can: a create is never sent twice.
			if (again && creates) throw sessionEnded(from);
		}
		throw forbidden(from);
	}

	async function ask({ document, purpose, creates }: Operation, variables: object, options?: CallOptions) {
		const { data, errors } = await answer(document, variables, { ...(creates && { creates }) }, options);
		const [error] = errors;
		if (error) throw errorOfGraphql(error, from, purpose);
		return data;
	}

	async function mutate({ document, aliases, variables }: MutationCall, options?: CallOptions) {
		const [first = ''] = aliases;
		return answersOf(await answer(document, variables, { first }, options), aliases, from);
	}

	async function askServer(options?: CallOptions): Promise<VendureServer> {
		server = vendureServer(await ask({ document: serverQuery, purpose: 'read' }, {}, options), settings, from);
		return server;
	}

	return {
		ask,
		mutate,
		server: async (options) => server ?? (await askServer(options)),
		known: () => server,
		probe: async (options) => void (await askServer(options)),
		from
	};
}

/** Throws where an error concerns the whole call. Of several about one mutation the first counts. */
function answersOf({ data, errors }: Answer, aliases: readonly string[], from: string): MutationAnswers {
	const ofAll = errors.find(({ alias }) => alias === undefined || !aliases.includes(alias));
	if (ofAll) throw errorOfGraphql(ofAll, from, 'write');
	const refused = new Map<string, ConnectorError>();
	for (const error of errors.toReversed())
		refused.set(error.alias ?? '', isForbidden(error) ? forbidden(from) : errorOfGraphql(error, from, 'write'));
	const answers = parsed(answersSchema, data ?? null, from, 'a write');
	const isWhole = answers === null || aliases.every((alias) => alias in answers);
	if (!isWhole) throw invalidReply(from, 'a write', 'an answer is missing');
	return { data: answers, errors: refused };
}

type Post = (document: string, variables: object, token?: string, options?: CallOptions) => Promise<HttpReply>;

/** Vendure takes no larger call, as it comes. */
const largestCall = 102_400;

function createPost({ url, channelToken }: VendureSettings, transport: Transport, from: string): Post {
	return async (query, variables, token, options = {}) => {
		const body = JSON.stringify({ query, variables });
		const reply = await transport({
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				accept: 'application/json',
				...(channelToken === undefined ? {} : { 'vendure-token': channelToken }),
				...(token === undefined ? {} : { authorization: `Bearer ${token}` })
			},
			body,
			...options
		});
		// It says nothing else about it, and has not looked at the call.
		const isUnread = reply.status === 500 && reply.text.startsWith('{"statusCode":500');
		if (isUnread && Buffer.byteLength(body) > largestCall) throw tooLarge(from);
		return reply;
	};
}

function tooLarge(from: string): ConnectorError {
	const text = 'This record is larger than the 100 kB that Vendure takes in one call, as it comes.';
	const hint = `${from} did not take a call. ${text} Shorten its texts, or let the server take larger calls (json({ limit }) in apiOptions.middleware).`;
	return new ConnectorError('rejected', { hint, reply: text });
}

async function logIn(post: Post, { user, password }: Credentials, from: string): Promise<string> {
	const reply = await post(loginDocument, { user, password });
	const answer = answerOf(reply, from);
	const [error] = answer.errors;
	if (error) throw isForbidden(error) ? forbidden(from) : errorOfGraphql(error, from, 'read');
	const { login } = parsed(loginResult, answer.data, from, 'the login');
	if (login.__typename === 'InvalidCredentialsError') throw wrongPassword(from);
	const token = reply.headers['vendure-auth-token'];
	if (login.__typename === 'CurrentUser' && token) return token;
	const hint = `${from} hands out no session token. Set "tokenMethod" in its authOptions to ['bearer', 'cookie'].`;
	throw new ConnectorError('misconfigured', { hint, ...(login.message !== undefined && { reply: login.message }) });
}

type Answer = { data: unknown; errors: readonly GraphqlError[] };

/** Data and errors of an answer; GraphQL sends both with status 200, and errors in the call itself with 400. */
function answerOf(reply: HttpReply, from: string): Answer {
	const understood = reply.status === 200 || (reply.status === 400 && reply.text.trimStart().startsWith('{'));
	if (!understood) throw errorOfStatus(reply, from);
	const { data, errors = [] } = parsed(answerSchema, parseJson(reply.text, from), from, 'a call');
	if (errors.length === 0 && (typeof data !== 'object' || data === null)) {
		throw reply.status === 200 ? invalidReply(from, 'a call', 'it has no data') : errorOfStatus(reply, from);
	}
	return {
		data,
		errors: errors.map(({ message, extensions, path }) => ({ message, code: extensions?.code, alias: path?.[0] }))
	};
}

function sessionEnded(from: string): ConnectorError {
	const hint = `${from} ended the session while a record was created. It is searched for before it is created again.`;
	return new ConnectorError('unreachable', { hint });
}

function wrongPassword(from: string): ConnectorError {
	const hint = `${from} refused the user and password of this channel. Renew the password, and check that the administrator is active.`;
	return new ConnectorError('unauthorized', { hint });
}

function forbidden(from: string): ConnectorError {
	const hint = `${from} does not let the user of this channel do this. Renew the credentials, or give its role the rights to read and update catalog, customers and stock locations.`;
	return new ConnectorError('unauthorized', { hint });
}
