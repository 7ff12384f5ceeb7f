import { createHash, createHmac } from 'node:crypto';
import type { CallOptions } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { hostOf } from '../http.ts';
import type { Transport } from '../transport.ts';
import type { RestAuth } from './auth-settings.ts';
import { renderedHeaders, type Outgoing } from './build-request.ts';
import { createMomentCodec } from './moment.ts';
import { oauthToken } from './oauth-token.ts';
import { logIn } from './session-login.ts';
import type { RestSettings } from './settings.ts';
import { renderText } from './template.ts';
import { createTokens, type Token, type Tokens } from './tokens.ts';

const oauthTokens = 'oauth2 tokens';

/** Proves who a request comes from. */
export type Authorizer = {
	/** The request with its proof. `token`: what it carries, where that could be renewed. */
	sign(out: Outgoing, options: CallOptions | undefined): Promise<{ out: Outgoing; token?: Token }>;
	/** After an answer "unauthorized": gives up the token that was refused. */
	renew(token: Token): void;
	/** What must not be shown to anybody. */
	secrets(): readonly string[];
	/** Ends a session at the channel. Never throws. */
	close(): Promise<void>;
};

export type AuthorizerInput = {
	settings: RestSettings;
	key: string;
	transport: Transport;
	nowMs: (() => number) | undefined;
	kept?: Map<string, unknown> | undefined;
};

/** The authorizer that the settings ask for. Tokens live in memory only: one of a login as long as it, others as long as they are good. */
export function createAuthorizer(input: AuthorizerInput): Authorizer {
	const { settings, key } = input;
	const { auth } = settings;
	const from = hostOf(settings.baseUrl);
	if (auth.kind === 'session') {
		const tokens = createTokens((options) => logIn(auth, input, options));
		return withTokens(tokens, key, () => endSession(tokens, auth, input));
	}
	if (auth.kind === 'oauth2') {
		const known = input.kept?.get(oauthTokens) as Tokens | undefined;
		const tokens = known ?? createTokens((options) => oauthToken(auth, input, options));
		input.kept?.set(oauthTokens, tokens);
		return withTokens(tokens, key);
	}
	return {
		async sign(out) {
			return { out: auth.kind === 'none' ? out : proven(out, auth, usable(key, auth, from), input) };
		},
		renew() {},
		secrets: () => (auth.kind === 'basic' ? [key, basicOf(auth.user, key)] : [key]).filter((secret) => secret !== ''),
		async close() {}
	};
}

function withTokens(tokens: Tokens, key: string, end: () => Promise<void> = async () => {}): Authorizer {
	return {
		async sign(out, options) {
			const { token, isNew } = await tokens.get(options);
			const headers = { ...out.headers, ...token.headers };
			// One just got and refused is refused for good.
			return { out: { ...out, headers }, ...(!isNew && { token }) };
		},
		renew: (token) => tokens.forget(token),
		secrets: () => [key, ...tokens.secrets()].filter((secret) => secret !== ''),
		close: end
	};
}

type KeyAuth = Extract<RestAuth, { kind: 'bearer' | 'basic' | 'api-key' | 'hmac' }>;

function usable(key: string, auth: KeyAuth, from: string): string {
	const isFree = auth.kind === 'basic' || auth.kind === 'hmac';
	if (/^[\x21-\x7e]+$/.test(key) || (isFree && key !== '')) return key;
	const hint = `The key of this channel for ${from} is missing or has characters that no key has. Enter it again.`;
	throw new ConnectorError('unauthorized', { hint });
}

function proven(out: Outgoing, auth: KeyAuth, key: string, input: AuthorizerInput): Outgoing {
	switch (auth.kind) {
		case 'bearer':
			return { ...out, headers: { ...out.headers, authorization: `Bearer ${key}` } };
		case 'basic':
			return { ...out, headers: { ...out.headers, authorization: `Basic ${basicOf(auth.user, key)}` } };
		case 'api-key': {
			const value = `${auth.prefix}${key}`;
			if (auth.in === 'header') return { ...out, headers: { ...out.headers, [auth.name]: value } };
			const url = new URL(out.url);
			url.searchParams.set(auth.name, value);
			return { ...out, url: url.href };
		}
		case 'hmac':
			return signed(out, auth, key, input.nowMs);
	}
}

function basicOf(user: string, key: string): string {
	return Buffer.from(`${user}:${key}`).toString('base64');
}

/** Signs what the settings name; the signature covers exactly the bytes that are sent. */
function signed(
	out: Outgoing,
	auth: Extract<RestAuth, { kind: 'hmac' }>,
	key: string,
	nowMs: (() => number) | undefined
): Outgoing {
	const moment = createMomentCodec({ format: auth.timestamp, zone: 'UTC', resolution: 'millisecond' });
	const { pathname, search } = new URL(out.url);
	const known: Record<string, string> = {
		method: out.method,
		path: pathname,
		query: search.slice(1),
		target: `${pathname}${search}`,
		body: out.body ?? '',
		bodyHash: createHash('sha256')
			.update(out.body ?? '')
			.digest('hex'),
		...(nowMs && { timestamp: moment.encode(new Date(Math.floor(nowMs())).toISOString()).replace(/\.\d+$/, '') }),
		...(auth.keyId !== undefined && { keyId: auth.keyId })
	};
	const context = { moment };
	const text = renderText(auth.sign, { login: known }, context);
	if (text === undefined) {
		throw new ConnectorError('misconfigured', { hint: 'What this channel signs names a value that is not there.' });
	}
	const signature = createHmac(auth.algorithm, key).update(text).digest(auth.encoding);
	const proof = renderedHeaders(auth.headers, { login: { ...known, signature } }, context);
	return { ...out, headers: { ...out.headers, ...proof } };
}

async function endSession(
	tokens: Tokens,
	{ logout }: Extract<RestAuth, { kind: 'session' }>,
	{ settings, transport }: AuthorizerInput
): Promise<void> {
	const token = tokens.held();
	if (!token || logout?.path === undefined) return;
	const { timeoutMs, baseUrl } = settings;
	const url = `${baseUrl}${logout.path}`;
	// Nobody waits for it: a session that stays open ends by itself.
	await transport({ method: logout.method ?? 'POST', url, headers: token.headers, timeoutMs }).catch(() => undefined);
}
