import { z } from 'zod';
import { place, request } from './request-settings.ts';
import { variablesIn } from './template.ts';

const headerName = z.string().regex(/^[\w-]+$/, 'is no header name');
/** Names of our own, no secrets: these come from the settings, the key from the credentials. */
const name = z.string().min(1).max(300);
const userName = z.string().regex(/^[^:]+$/, 'must not contain a colon');

/** Where the answer to a login holds the token, and how later calls carry it. */
const sessionToken = z.discriminatedUnion('from', [
	/** All cookies that the login set are sent back. */
	z.strictObject({ from: z.literal('cookies') }),
	z.strictObject({ from: z.literal('reply'), at: place, header: headerName, prefix: z.string().default('') }),
	z.strictObject({ from: z.literal('header'), name: headerName, header: headerName, prefix: z.string().default('') })
]);

/** {key} is the channel's secret; it stands nowhere else. */
const login = request
	.pick({ method: true, path: true, headers: true, body: true })
	.extend({ form: z.record(z.string(), z.string()).optional() })
	.superRefine((given, context) => {
		const used = variablesIn({ ...given, query: given.form });
		for (const variable of used) {
			if (variable !== 'user' && variable !== 'key') {
				context.addIssue({ code: 'custom', message: `has no value {${variable}}; it has {user} and {key}` });
			}
		}
	});

/** How calls prove who they come from. The secret itself is the channel's key, never a setting. */
export const auth = z.discriminatedUnion('kind', [
	z.strictObject({ kind: z.literal('none') }),
	z.strictObject({ kind: z.literal('bearer') }),
	z.strictObject({ kind: z.literal('basic'), user: userName }),
	z.strictObject({
		kind: z.literal('api-key'),
		in: z.enum(['header', 'query']).default('header'),
		name: z.string().regex(/^[\w.-]+$/, 'is no name of a header or parameter'),
		prefix: z.string().default('')
	}),
	/** OAuth 2 client credentials: the key is the client secret. */
	z.strictObject({
		kind: z.literal('oauth2'),
		tokenUrl: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }),
		clientId: name,
		scope: z.string().optional(),
		audience: z.string().optional(),
		/** Where the client names itself. */
		clientIn: z.enum(['basic', 'body']).default('basic')
	}),
	/** Each request is signed with the key. */
	z.strictObject({
		kind: z.literal('hmac'),
		keyId: name.optional(),
		algorithm: z.enum(['sha256', 'sha512', 'sha1']).default('sha256'),
		encoding: z.enum(['hex', 'base64']).default('hex'),
		/** What is signed, of {method} {path} {query} {target} {body} {bodyHash} {timestamp} {keyId}. */
		sign: z.string().min(1),
		timestamp: z.enum(['epoch-seconds', 'epoch-milliseconds', 'iso']).default('epoch-seconds'),
		/** What is sent, of the same and {signature}. */
		headers: z.record(headerName, z.string())
	}),
	/** A login whose token later calls carry; again after an answer 401. */
	z.strictObject({
		kind: z.literal('session'),
		user: name.optional(),
		login,
		token: sessionToken,
		logout: request.pick({ method: true, path: true }).optional()
	})
]);

export type RestAuth = z.output<typeof auth>;
