import type { CallOptions } from '../connector.ts';
import { errorForStatus } from '../error-for-status.ts';
import { hostOf } from '../http.ts';
import { parseJson } from '../parse-json.ts';
import type { HttpReply } from '../transport.ts';
import { type AuthorizerInput, createAuthorizer } from './authorize.ts';
import { inLowerCase, type Outgoing } from './build-request.ts';
import { retryAfterOf, ruleFor, wordsIn } from './reply-error.ts';
import type { ErrorRule } from './request-settings.ts';

export type RestCall = { out: Outgoing; rules?: readonly ErrorRule[] | undefined; options: CallOptions | undefined };

/** A good answer. `json()` parses it, throwing `invalid-reply`. */
export type RestReply = {
	status: number;
	headers: Readonly<Record<string, string>>;
	etag: string | undefined;
	isEmpty: boolean;
	json(): unknown;
};

/** Sends one authenticated call; throws ConnectorError for every answer that is no success. */
export type Caller = ((call: RestCall) => Promise<RestReply>) & { from: string; close(): Promise<void> };

export function createCaller(input: AuthorizerInput): Caller {
	const { settings, transport } = input;
	const from = hostOf(settings.baseUrl);
	const authorizer = createAuthorizer(input);
	const common = { accept: 'application/json', ...inLowerCase(settings.headers) };
	const send = async ({ out, options }: RestCall) => {
		const whole = { ...out, headers: { ...common, ...out.headers } };
		const signed = await authorizer.sign(whole, options);
		const reply = await transport({
			...signed.out,
			signal: options?.signal,
			sendBy: options?.sendBy,
			timeoutMs: settings.timeoutMs,
			clockHeader: settings.clockHeader
		});
		return { reply, token: signed.token };
	};
	const caller = async (call: RestCall): Promise<RestReply> => {
		const first = await send(call);
		let { reply } = first;
		let json = readerOf(reply, from);
		let found = ruleFor(reply, json, [...(call.rules ?? []), ...settings.errors.rules]);
		// Nothing was done, so that sending it again is no second write.
		if (found.kind === 'unauthorized' && reply.status !== 403 && first.token) {
			authorizer.renew(first.token);
			({ reply } = await send(call));
			json = readerOf(reply, from);
			found = ruleFor(reply, json, [...(call.rules ?? []), ...settings.errors.rules]);
		}
		if (found.kind !== null) {
			const words = withoutSecrets(wordsIn(reply, json, settings.errors.message), authorizer.secrets());
			const retryAfterMs = retryAfterOf(reply, settings.errors.retryAfter) ?? found.retryAfterMs;
			throw errorForStatus({ ...reply, ...(retryAfterMs !== undefined && { retryAfterMs }) }, from, words, found.kind);
		}
		return {
			status: reply.status,
			headers: reply.headers,
			etag: reply.headers['etag'],
			isEmpty: reply.text.trim() === '',
			json
		};
	};
	return Object.assign(caller, { from, close: () => authorizer.close() });
}

/** Parses an answer once, whoever asks how often. */
function readerOf(reply: HttpReply, from: string): () => unknown {
	let parsed: { value: unknown } | undefined;
	return () => (parsed ??= { value: parseJson(reply.text, from, { exactNumbers: true }) }).value;
}

/** Secrets are cut out should the channel echo them. */
function withoutSecrets(words: string, secrets: readonly string[]): string {
	return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), words);
}
