import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { erpSettings } from '#src/demo/channels.ts';
import { createKept } from '../../kept.ts';
import type { HttpReply, HttpRequest } from '../transport.ts';
import { rest } from './index.ts';
import type { RestSettingsInput } from './settings.ts';

type Answer = Partial<HttpReply> & { json?: unknown };
const empty: Answer = { json: { items: [], next: null } };

function over(auth: RestSettingsInput['auth'], answer: (request: HttpRequest) => Answer, kept?: Map<string, unknown>) {
	const sent: HttpRequest[] = [];
	const session = rest.open({
		settings: { ...erpSettings('http://erp.test/api'), auth },
		credentials: { key: 's3cret' },
		nowMs: () => 1_796_000_000_000,
		...(kept && { kept }),
		async transport(request) {
			sent.push(request);
			const { json, ...reply } = answer(request);
			return { status: 200, headers: {}, text: json === undefined ? '' : JSON.stringify(json), ...reply };
		}
	});
	return { sent, session, product: session.resource('product')! };
}

const oauth = { kind: 'oauth2', tokenUrl: 'http://login.test/token', clientId: 'me:1', scope: 's' } as const;

describe('proving who calls', () => {
	it('puts a key into the query, and cuts it out of the address of the next page', async () => {
		const settings = erpSettings('http://erp.test/api');
		settings.auth = { kind: 'api-key', in: 'query', name: 'key' };
		settings.entities['product']!.paging = { kind: 'next-url', next: 'next' };
		const sent: string[] = [];
		const session = rest.open({
			settings,
			credentials: { key: 's3cret' },
			async transport({ url }) {
				sent.push(url);
				return {
					status: 200,
					headers: {},
					text: JSON.stringify({ items: [], next: sent.length === 1 ? `${url}&page=2` : null })
				};
			}
		});
		const page = await session.resource('product')!.list(null);
		expect(page.next).not.toContain('s3cret');
		await session.resource('product')!.list(page.next);
		expect(sent[1]).toMatch(/^http:\/\/erp\.test\/api\/products\?limit=100&page=2&key=s3cret$/);
	});

	it('goes on with a token that an earlier session of the channel got, until it is refused', async () => {
		const kept = createKept();
		const channel = { id: '1', settings: {}, credentials: { key: 'sealed' } };
		let good = '';
		let made = 0;
		const answer = ({ url, headers }: HttpRequest): Answer => {
			if (url === oauth.tokenUrl) return { json: { access_token: (good = `t${(made += 1)}`) } };
			return headers?.['authorization'] === `Bearer ${good}` ? empty : { status: 401 };
		};
		const open = (of = channel) => over(oauth, answer, kept.of(of)).product;
		await open().list(null);
		await open().list(null);
		expect(made).toBe(1);
		good = 'another';
		await open().list(null);
		expect(made).toBe(2);
		await open({ ...channel, credentials: { key: 'new' } }).list(null);
		expect(made, 'other credentials').toBe(3);
		await open({ ...channel, id: '2' }).list(null);
		expect(made, 'another channel').toBe(4);
	});

	it('signs exactly what is sent', async () => {
		const { sent, product } = over(
			{
				kind: 'hmac',
				keyId: 'K1',
				encoding: 'base64',
				sign: '{method}\n{target}\n{timestamp}\n{body}',
				headers: { 'X-Key': '{keyId}', 'X-Time': '{timestamp}', 'X-Signature': 'v1={signature}' }
			},
			() => ({ status: 204 })
		);
		await product.update!({ id: 'ä', variantId: '', version: null, fields: { name: 'Tent' } });
		const text = 'PATCH\n/api/products/%C3%A4\n1796000000\n{"name":"Tent"}';
		const signature = createHmac('sha256', 's3cret').update(text).digest('base64');
		expect(sent[0]?.headers).toMatchObject({ 'x-key': 'K1', 'x-time': '1796000000', 'x-signature': `v1=${signature}` });
		expect(sent[0]?.body).toBe('{"name":"Tent"}');
	});

	it('renews a token once after 401, and says so when that does not help', async () => {
		let tokens = 0;
		const isGood = (request: HttpRequest) => request.headers?.['authorization'] === 'Bearer t2';
		const { sent, product } = over(oauth, (request) => {
			if (request.url === oauth.tokenUrl) return { json: { access_token: `t${(tokens += 1)}` } };
			return isGood(request) ? empty : { status: 401, json: { message: 'token t1 expired' } };
		});
		await expect(product.list(null)).rejects.toMatchObject({ kind: 'unauthorized', reply: 'token *** expired' });
		expect(sent).toHaveLength(2);
		await product.list(null);
		expect(tokens).toBe(2);
		expect(sent[0]).toMatchObject({ hasOtherClock: true, body: 'grant_type=client_credentials&scope=s' });
		expect(sent[0]?.headers?.['authorization']).toBe(`Basic ${btoa('me%3A1:s3cret')}`);
	});

	it('a login that is refused shows nothing of what was sent, and asks at no other address', async () => {
		const refusal = { status: 400, text: '{"error":"invalid_client","error_description":"s3cret is wrong"}' };
		const { sent, product } = over(oauth, () => refusal);
		const error: unknown = await product.list(null).catch((cause: unknown) => cause);
		expect(error).toMatchObject({ kind: 'unauthorized' });
		expect(JSON.stringify(error) + String(error)).not.toContain('s3cret');
		expect(String(error)).toContain('invalid_client');
		expect(sent).toHaveLength(1);
	});

	it('twenty calls at once make one login', async () => {
		const auth = {
			kind: 'session',
			user: 'me',
			login: { path: '/login', form: { user: '{user}', password: '{key}' } },
			token: { from: 'reply', at: '/data/token', header: 'X-Session', prefix: 'S ' }
		} as const;
		let logins = 0;
		let wanted = 1;
		const { sent, product, session } = over(auth, ({ url, headers }) => {
			if (url.endsWith('/login')) return { json: { data: { token: `t${(logins += 1)}` } } };
			return headers?.['X-Session'] === `S t${wanted}` ? empty : { status: 401 };
		});
		const twenty = () => Promise.all(Array.from({ length: 20 }, () => product.list(null)));
		await twenty();
		expect(logins).toBe(1);
		expect(sent[0]?.body).toBe('user=me&password=s3cret');
		// The same when it runs out under all of them.
		wanted = 2;
		await twenty();
		expect(logins).toBe(2);
		await session.close();
	});
});
