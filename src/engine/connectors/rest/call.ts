import type { CallOptions } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { errorForStatus, kindForStatus } from '../error-for-status.ts';
import { hostOf } from '../http.ts';
import { parseJson, readableReply } from '../parse-json.ts';
import type { HttpReply, HttpRequest, Transport } from '../transport.ts';
import { valueAt } from './json-place.ts';
import type { RestSettings } from './settings.ts';

export type RestCall = {
	method: HttpRequest['method'];
	path: string;
	query?: Readonly<Record<string, string>>;
	body?: string;
	headers?: Readonly<Record<string, string>>;
	options: CallOptions | undefined;
};

/** A good answer. `json()` parses it, throwing `invalid-reply`. */
export type RestReply = { status: number; etag: string | undefined; isEmpty: boolean; json(): unknown };

/** Sends one authenticated call; throws ConnectorError for every answer that is no success. */
export type Caller = ((call: RestCall) => Promise<RestReply>) & { from: string };

export function createCaller(settings: RestSettings, key: string, transport: Transport): Caller {
	const from = hostOf(settings.baseUrl);
	const caller = async ({ method, path, query, body, headers, options }: RestCall): Promise<RestReply> => {
		const search = new URLSearchParams(query).toString();
		const reply = await transport({
			method,
			url: `${settings.baseUrl}${path}${search === '' ? '' : `?${search}`}`,
			headers: {
				accept: 'application/json',
				...authorization(settings.auth, key, from),
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
				...headers
			},
			...(body === undefined ? {} : { body }),
			signal: options?.signal,
			sendBy: options?.sendBy,
			timeoutMs: settings.timeoutMs,
			clockHeader: settings.clockHeader
		});
		if (kindForStatus(reply.status) !== null) throw errorForStatus(reply, from, wordsOf(reply, settings, key));
		return {
			status: reply.status,
			etag: reply.headers['etag'],
			isEmpty: reply.text.trim() === '',
			json: () => parseJson(reply.text, from, { exactNumbers: true })
		};
	};
	return Object.assign(caller, { from });
}

function authorization(auth: RestSettings['auth'], key: string, from: string): Record<string, string> {
	if (auth.kind === 'none') return {};
	if (!/^[\x21-\x7e]+$/.test(key) && !(auth.kind === 'basic' && key !== '')) {
		const hint = `The key of this channel for ${from} is missing or has characters that no key has. Enter it again.`;
		throw new ConnectorError('unauthorized', { hint });
	}
	if (auth.kind === 'bearer') return { authorization: `Bearer ${key}` };
	if (auth.kind === 'header') return { [auth.name]: key };
	return { authorization: `Basic ${Buffer.from(`${auth.user}:${key}`).toString('base64')}` };
}

/** The channel's own words for people; the key is cut out of them should the channel echo it. */
function wordsOf(reply: HttpReply, settings: RestSettings, key: string): string {
	const words = messageIn(reply, settings) ?? readableReply(reply.text);
	return key === '' ? words : words.replaceAll(key, '***');
}

function messageIn(reply: HttpReply, settings: RestSettings): string | undefined {
	try {
		const message = valueAt(JSON.parse(reply.text), settings.messageField);
		return typeof message === 'string' ? message : undefined;
	} catch {
		return undefined;
	}
}
