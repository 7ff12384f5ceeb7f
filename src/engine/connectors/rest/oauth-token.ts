import type { CallOptions } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { errorForStatus, kindForStatus } from '../error-for-status.ts';
import { hostOf } from '../http.ts';
import { parseJson } from '../parse-json.ts';
import type { AuthorizerInput } from './authorize.ts';
import type { RestAuth } from './auth-settings.ts';
import { valueAt } from './json-place.ts';
import type { Token } from './tokens.ts';

/** Gets an access token with the client credentials (RFC 6749, section 4.4). Throws `unauthorized` where they are refused. */
export async function oauthToken(
	auth: Extract<RestAuth, { kind: 'oauth2' }>,
	{ settings, key, transport }: AuthorizerInput,
	options: CallOptions | undefined
): Promise<Token> {
	const from = hostOf(auth.tokenUrl);
	const { clientId, scope, audience } = auth;
	const form = new URLSearchParams({
		grant_type: 'client_credentials',
		...(scope !== undefined && { scope }),
		...(audience !== undefined && { audience }),
		...(auth.clientIn === 'body' && { client_id: clientId, client_secret: key })
	});
	const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(key)}`).toString('base64');
	const reply = await transport({
		method: 'POST',
		url: auth.tokenUrl,
		headers: {
			accept: 'application/json',
			'content-type': 'application/x-www-form-urlencoded',
			...(auth.clientIn === 'basic' && { authorization: `Basic ${basic}` })
		},
		body: form.toString(),
		signal: options?.signal,
		sendBy: options?.sendBy,
		timeoutMs: settings.timeoutMs,
		hasOtherClock: from !== hostOf(settings.baseUrl)
	});
	if (reply.status === 400 || reply.status === 401 || reply.status === 403) throw refused(from, reply.text);
	// Its own words may repeat what was sent: none of them are shown.
	if (kindForStatus(reply.status) !== null) throw errorForStatus({ ...reply, text: '' }, from);
	const token = valueAt(parseJson(reply.text, from), 'access_token');
	if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
		throw new ConnectorError('invalid-reply', {
			hint: `${from} sent no access token. Check the token address of this channel.`
		});
	}
	return { headers: { authorization: `Bearer ${token}` }, secrets: [token, basic] };
}

function refused(from: string, text: string): ConnectorError {
	const [, word] = /"error"\s*:\s*"([a-z_]{1,40})"/.exec(text) ?? [];
	const why = word === undefined ? '' : ` (${word})`;
	return new ConnectorError('unauthorized', {
		hint: `${from} refused the credentials${why}. Renew the key of this channel, and check its client and scope.`
	});
}
