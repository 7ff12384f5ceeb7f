import { createHmac } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWebhookGate } from '#src/engine/api/webhook-gate.ts';
import { endWebhook, replaceWebhookSecret } from '#src/mappings/manage-webhook.ts';
import { readWebhook } from '#src/mappings/read-webhook.ts';
import { addChannel, createApiWorld, json, problemOf, secretKey, type ApiWorld } from './api-world.ts';
import { testDatabase, type TestDatabase } from './database.ts';

const actor = { name: 'ann@example.org', role: 'administrator' } as const;
const via = 'web' as const;

let database: TestDatabase;
let world: ApiWorld;
let channelId: string;
let secret: string;
let channels = 0;
let hooks = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createApiWorld(database);
});
afterAll(() => database.close());

async function newSecret(entered = ''): Promise<string> {
	const made = await replaceWebhookSecret(database.db, { channelId, entered, secretKey, actor, via });
	if (!made.ok) throw new Error(made.message);
	return made.secret;
}

beforeEach(async () => {
	channelId = await addChannel(database.db, `Shop ${++channels}`);
	secret = await newSecret();
});

type Sent = { id?: string; secret?: string; at?: number; to?: string; headers?: Record<string, string> };

async function send(body: unknown, more: Sent = {}) {
	const { id = `msg_${++hooks}`, at = Math.floor(Date.now() / 1000), to = channelId } = more;
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	const key = Buffer.from((more.secret ?? secret).slice('whsec_'.length), 'base64');
	const signature = createHmac('sha256', key).update(`${id}.${at}.${text}`).digest('base64');
	return world.request(`/v1/webhooks/${to}`, {
		method: 'POST',
		role: 'none',
		headers: {
			'content-type': 'application/json',
			'webhook-id': id,
			'webhook-timestamp': String(at),
			'webhook-signature': `v1,${signature}`,
			...more.headers
		},
		body: text
	});
}

const resultOf = async (reply: Response | Promise<Response>) => (await json(reply))['result'];
const productUpdated = (id: string) => ({ type: 'product.updated', data: { id, price: '0.01' } });
const hints = async () => [
	...(await database.db.execute<{ id: string }>(
		sql`select entity || ' ' || external_id as id from sync_hint where c_channel_id = ${channelId}::bigint order by 1`
	))
];
const runs = async () => [
	...(await database.db.execute<{ mode: string; state: string }>(
		sql`select mode, state, started_by as "startedBy" from sync_run where c_channel_id = ${channelId}::bigint order by id`
	))
];

describe('a webhook', () => {
	it('names records to look at, and one run for however many; no value of it is kept anywhere', async () => {
		expect(await resultOf(send(productUpdated('E1')))).toBe('accepted');
		expect(await resultOf(send({ type: 'product.deleted', data: { ids: ['E1', 'E2'] } }))).toBe('accepted');
		expect(await hints()).toEqual([{ id: 'product E1' }, { id: 'product E2' }]);
		expect(await runs()).toEqual([{ mode: 'hinted', state: 'queued', startedBy: 'webhook' }]);
		const seen = await database.db.execute(
			sql`select 1 from c_channel_record where c_channel_id = ${channelId}::bigint`
		);
		expect(seen).toHaveLength(0);
		expect((await readWebhook(database.db, { channelId }))?.receivedAt).toMatch(/^20/);
	});

	it('that names no record asks for the changes; that is about nothing we carry asks for nothing', async () => {
		expect(await resultOf(send({ type: 'invoice.created', data: { id: '1' } }))).toBe('accepted');
		expect(await resultOf(send({ type: 'business-partner.updated', data: { id: '1' } }))).toBe('accepted');
		expect(await runs()).toEqual([]);
		expect(await resultOf(send('no JSON at all'))).toBe('accepted');
		expect(await runs()).toEqual([{ mode: 'incremental', state: 'queued', startedBy: 'webhook' }]);
		expect(await hints()).toEqual([]);
	});

	it('that comes again is answered and does nothing', async () => {
		expect(await resultOf(send(productUpdated('E1'), { id: 'same' }))).toBe('accepted');
		await database.db.execute(sql`delete from sync_hint`);
		const again = await send(productUpdated('E1'), { id: 'same' });
		expect(again.status).toBe(200);
		expect(await resultOf(again)).toBe('repeated');
		expect(await hints()).toEqual([]);
	});

	it('of a paused channel is taken and does nothing', async () => {
		await database.db.execute(
			sql`update c_channel set paused_at = now(), paused_reason = 'person' where id = ${channelId}::bigint`
		);
		expect(await resultOf(send(productUpdated('E1')))).toBe('paused');
		expect([await hints(), await runs()]).toEqual([[], []]);
	});

	it('a swarm of them is one run', async () => {
		const replies = await Promise.all(Array.from({ length: 60 }, (_, n) => send(productUpdated(`E${n % 7}`))));
		for (const { status } of replies) expect(status).toBe(200);
		expect(await hints()).toHaveLength(7);
		expect(await runs()).toHaveLength(1);
	});

	it('beyond a hundred at once is put off, and taken again after a while', async () => {
		let nowMs = 0;
		const ports = { db: database.db, connectors: [], secretKey, clock: { monotonicMs: () => nowMs } };
		const gate = createWebhookGate(ports);
		const admitted = (count: number) =>
			Array.from({ length: count }, () => gate.admits(channelId)).filter(Boolean).length;
		expect(admitted(150)).toBe(100);
		expect(gate.admits('another')).toBe(true);
		nowMs = 1000;
		expect(admitted(150)).toBe(20);
	});
});

describe('a webhook that is not genuine', () => {
	it('gets the same answer, whatever is wrong with it', async () => {
		const silent = await addChannel(database.db, `Silent ${channels}`);
		const old = Math.floor(Date.now() / 1000) - 400;
		const wrong: Sent[] = [
			{ secret: 'whsec_d3Jvbmc=' },
			{ at: old },
			{ to: '999999' },
			{ to: 'abc' },
			{ to: silent },
			{ headers: { 'webhook-signature': 'v1,AAAA' } },
			{ headers: { 'webhook-signature': '' } },
			{ headers: { 'webhook-timestamp': 'yesterday' } }
		];
		const answers = await Promise.all(
			wrong.map(async (each) => {
				const reply = await send(productUpdated('E1'), each);
				return { status: reply.status, type: reply.headers.get('content-type'), body: await reply.text() };
			})
		);
		expect(answers[0]?.status).toBe(401);
		for (const answer of answers) expect(answer).toEqual(answers[0]);
		expect([await hints(), await runs()]).toEqual([[], []]);
		expect(world.problems).toEqual([]);
	});

	it('of more than 256 KiB is refused unread', async () => {
		const reply = await send(`"${'x'.repeat(256 * 1024)}"`);
		expect(reply.status).toBe(413);
		const problem = await problemOf(world, `/v1/webhooks/${channelId}`, { method: 'POST', body: 'x' });
		expect(problem['kind']).toBe('not-genuine');
	});

	it("is one with an operator's token and no signature", async () => {
		const reply = await world.request(`/v1/webhooks/${channelId}`, { method: 'POST', role: 'administrator', json: {} });
		expect(reply.status).toBe(401);
	});
});

describe('the secret', () => {
	it('is replaced: the one before is good for a day more, the one before that is not, and ended ends both', async () => {
		const [first, second] = [secret, await newSecret()];
		expect((await send('{}', { secret: second })).status).toBe(200);
		expect((await send('{}', { secret: first })).status).toBe(200);
		const third = await newSecret();
		await expect.poll(async () => (await send('{}', { secret: first })).status, { timeout: 4000 }).toBe(401);
		expect((await send('{}', { secret: second })).status).toBe(200);
		expect((await send('{}', { secret: third })).status).toBe(200);
		await endWebhook(database.db, { channelId, actor, via });
		expect((await send('{}', { secret: third })).status).toBe(401);
		expect(await readWebhook(database.db, { channelId })).toBeNull();
	});

	it('is good at once after it was made, though another one was just tried', async () => {
		const wrong = await send('{}', { secret: 'whsec_d3Jvbmc=' });
		expect(wrong.status).toBe(401);
		const fresh = await newSecret();
		await expect.poll(async () => (await send('{}', { secret: fresh })).status, { timeout: 1000 }).toBe(200);
	});

	it('is made by an administrator only, is long enough, and stands nowhere in clear', async () => {
		const ask = (role: 'operator' | 'administrator', entered: string) =>
			replaceWebhookSecret(database.db, { channelId, entered, secretKey, actor: { ...actor, role }, via });
		expect(await ask('operator', '')).toMatchObject({ ok: false, kind: 'not-allowed' });
		expect(await ask('administrator', 'short')).toMatchObject({ ok: false, kind: 'invalid', field: 'entered' });
		expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
		const stored = await database.db.execute(sql`
			select w::text as row from c_channel_webhook w union all select a::text from audit_event a union all select c::text from c_channel c`);
		expect(JSON.stringify(stored)).not.toContain(secret.slice('whsec_'.length, 30));
	});
});
