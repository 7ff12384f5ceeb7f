import type { CallOptions } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { errorForStatus, kindForStatus } from '../error-for-status.ts';
import { hostOf } from '../http.ts';
import { parseJson } from '../parse-json.ts';
import type { HttpReply } from '../transport.ts';
import type { AuthorizerInput } from './authorize.ts';
import type { RestAuth } from './auth-settings.ts';
import { inLowerCase, renderedHeaders } from './build-request.ts';
import { valueAt } from './json-place.ts';
import { createMomentCodec } from './moment.ts';
import { renderJson, renderText } from './template.ts';
import type { Token } from './tokens.ts';

type SessionAuth = Extract<RestAuth, { kind: 'session' }>;

/** Logs in and keeps what later calls must carry. Throws `unauthorized` where the channel refuses user or key. */
export async function logIn(
	auth: SessionAuth,
	{ settings, key, transport }: AuthorizerInput,
	options: CallOptions | undefined
): Promise<Token> {
	const from = hostOf(settings.baseUrl);
	const { method = 'POST', path = '', headers = {}, body, form } = auth.login;
	const values = { login: { key, ...(auth.user !== undefined && { user: auth.user }) } };
	const context = { moment: createMomentCodec({ format: 'iso', zone: 'UTC', resolution: 'second' }) };
	const fields = Object.entries(form ?? {}).map(([name, text]) => [name, renderText(text, values, context) ?? '']);
	const sent = form
		? new URLSearchParams(fields).toString()
		: body === undefined
			? undefined
			: renderJson(body, values, context);
	const reply = await transport({
		method,
		url: `${settings.baseUrl}${renderText(path, values, context, encodeURIComponent) ?? path}`,
		headers: {
			accept: 'application/json',
			...(sent !== undefined && { 'content-type': 'application/json' }),
			...inLowerCase(settings.headers),
			...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
			...renderedHeaders(headers, values, context)
		},
		...(sent !== undefined && { body: typeof sent === 'string' && form ? sent : JSON.stringify(sent) }),
		signal: options?.signal,
		sendBy: options?.sendBy,
		timeoutMs: settings.timeoutMs,
		clockHeader: settings.clockHeader
	});
	const kind = kindForStatus(reply.status);
	if (kind === 'unauthorized' || kind === 'rejected') throw refused(from);
	// Its own words may repeat what was sent: none of them are shown.
	if (kind !== null) throw errorForStatus({ ...reply, text: '' }, from);
	return tokenFrom(reply, auth, from);
}

function tokenFrom(reply: HttpReply, { token }: SessionAuth, from: string): Token {
	if (token.from === 'cookies') {
		const cookies = cookiesIn(reply.headers['set-cookie'] ?? '');
		if (cookies.length === 0) throw noToken(from, 'cookie');
		return {
			headers: { cookie: cookies.join('; ') },
			secrets: cookies.map((cookie) => cookie.slice(cookie.indexOf('=') + 1))
		};
	}
	const found =
		token.from === 'header' ? reply.headers[token.name.toLowerCase()] : valueAt(parseJson(reply.text, from), token.at);
	if (typeof found !== 'string' || !/^[\x21-\x7e]+$/.test(found)) throw noToken(from, 'token');
	return { headers: { [token.header]: `${token.prefix}${found}` }, secrets: [found] };
}

/** Name and value of each cookie; one line for each, see `HttpReply`. An emptied one is none. */
function cookiesIn(header: string): string[] {
	const pairs = header.split('\n').map((line) => line.split(';')[0]?.trim() ?? '');
	return pairs.filter((pair) => /^[!#$%&'*+.^_`|~\w-]+=[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(pair));
}

function refused(from: string): ConnectorError {
	return new ConnectorError('unauthorized', {
		hint: `${from} refused the login. Check the user, and renew the password of this channel.`
	});
}

function noToken(from: string, what: string): ConnectorError {
	return new ConnectorError('invalid-reply', {
		hint: `The answer of ${from} to the login holds no ${what}. Compare the login of this channel with its API.`
	});
}
