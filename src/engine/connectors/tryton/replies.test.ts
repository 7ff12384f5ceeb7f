import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, decimal, type TrytonClient } from '../../../../tests/tryton/client.ts';
import { productRig } from '../../../../tests/tryton/rig.ts';
import type { ExternalKey, Resource, Session } from '../connector.ts';
import { createTransport } from '../http.ts';
import { type FakeTryton, startFakeTryton } from './fake.ts';
import { tryton } from './index.ts';
import { toWireDateTime } from './wire.ts';

const list = 'model.product.product.search_read';
const write = 'model.product.template.write';

let fake: FakeTryton;
let client: TrytonClient;
let session: Session;
let products: Resource;

function open(password = fake.password): Session {
	const transport = createTransport({ fetch, monotonicNow: () => 0, wallNow: () => 0 });
	const { url, database, user } = fake;
	return tryton.open({ settings: { url, database, user }, credentials: { password }, transport });
}

beforeEach(async () => {
	fake = await startFakeTryton();
	client = await connect(fake);
	session = open();
	products = session.resource('product')!;
});
afterEach(() => fake.stop());

async function seedOne(): Promise<ExternalKey> {
	const rig = productRig({ ...fake, client });
	const [key] = await rig.seed([{ value: 'A-1', name: 'Tent', price: '12.50' }]);
	return key!;
}

const logins = () => fake.calls.filter((method) => method === 'common.db.login').length;

describe('what Tryton answers becomes an error that says what to do', () => {
	const body = (error: unknown) => () => Response.json({ id: 1, error });
	const cases: readonly [string, () => Response, string][] = [
		['a refusal', body(['UserError', ['Name is required.', 'Really.', null]]), 'rejected'],
		['a warning', body(['UserWarning', ['key', 'Are you sure?', '']]), 'rejected'],
		['a lost race', body(['ConcurrencyException', 'Records were modified in the meanwhile']), 'conflict'],
		['another login wanted', body(['LoginException', ['token', 'Code', 'char']]), 'unauthorized'],
		['a busy PostgreSQL', body(['could not serialize access due to concurrent update\n', '']), 'unreachable'],
		['a deadlock', body(['deadlock detected\nDETAIL: ...', '']), 'unreachable'],
		['a busy SQLite', body(['database is locked', '']), 'unreachable'],
		['an unknown field', body(["'suffix_code'", '']), 'invalid-reply'],
		['an exception without words', body(['', '']), 'invalid-reply'],
		['an error of another shape', body({ surprise: [1] }), 'invalid-reply'],
		['a database that is gone', body(["Database '/x/nodb.sqlite' doesn't exist!", '']), 'misconfigured'],
		['no such database', () => new Response('<h1>Not Found</h1>', { status: 404 }), 'misconfigured'],
		['a module that is not active', () => new Response('<h1>Forbidden</h1>', { status: 403 }), 'misconfigured'],
		['a redirect to a sign-in page', () => new Response('', { status: 302 }), 'misconfigured'],
		['a call it cannot read', () => new Response('', { status: 400 }), 'invalid-reply'],
		['a proxy without a server', () => new Response('<h1>Bad Gateway</h1>', { status: 502 }), 'unreachable']
	];
	it.each(cases)('%s', async (_, answer, kind) => {
		fake.answerNext(list, answer);
		await expect(products.list(null)).rejects.toMatchObject({
			kind,
			hint: expect.stringMatching(/^Tryton at 127/) as string
		});
		expect(fake.calls.filter((method) => method === list)).toHaveLength(1);
	});

	it('keeps its words, all of them, as plain text', async () => {
		fake.answerNext(list, body(['UserError', ['Name is <b>required</b>.', 'Really.', null]]));
		await expect(products.list(null)).rejects.toMatchObject({ reply: 'Name is required . Really.' });
	});

	it('a refused write of a record that is gone by then is missing, and of a changed one a conflict', async () => {
		const refusal = body(['UserError', ['Nein.', '', null]]);
		const key = await seedOne();
		const update = () => products.update!({ ...key, version: null, fields: { name: 'Ours' } });
		fake.answerNext(write, refusal);
		await expect(update()).rejects.toMatchObject({ kind: 'rejected', reply: 'Nein.' });
		fake.meddle(write, () => client.write('product.template', Number(key.id), { name: 'Theirs' }), refusal);
		await expect(update()).rejects.toMatchObject({ kind: 'conflict' });
		fake.meddle(write, () => client.remove('product.template', Number(key.id)), refusal);
		await expect(update()).rejects.toMatchObject({ kind: 'missing' });
	});

	it('a row of an unknown shape stops the page and names what is wrong', async () => {
		const rows = [{ id: 1, write_date: 'yesterday' }];
		fake.answerNext(list, () => Response.json({ id: 1, result: rows }));
		await expect(products.list(null)).rejects.toMatchObject({
			kind: 'invalid-reply',
			hint: expect.stringContaining('write_date') as string
		});
	});

	describe('an answer that no search can have', () => {
		const stamps = { write_date: null, create_date: toWireDateTime('2026-11-28T15:00:00Z'), _timestamp: '' };
		const template = {
			id: 1,
			...stamps,
			write_uid: null,
			name: 'Tent',
			code: null,
			active: 1,
			list_price: null,
			products: [1]
		};
		const row = (id: number, code: string | null = null) => ({
			...{ id, ...stamps, code, description: null, active: 1, 'template.': template, 'identifiers.': [] }
		});
		const answer = (rows: unknown[]) => fake.answerNext(list, () => Response.json({ id: 1, result: rows }));

		it('stops a listing that would go on for ever or miss rows', async () => {
			for (const rows of [[row(3), row(3)], [row(2)], Array.from({ length: 101 }, (_, at) => row(10 + at))]) {
				answer(rows);
				await expect(products.list('2')).rejects.toMatchObject({ kind: 'invalid-reply' });
			}
		});

		it('a value that cannot be held costs its own record only', async () => {
			const price = { __class__: 'Decimal', decimal: '1E+999' };
			answer([row(3, 'half \ud83d'), { ...row(4), 'template.': { ...template, list_price: price } }, row(5, 'A')]);
			const { records } = await products.list(null);
			expect(records.map(({ unreadable }) => Object.keys(unreadable ?? {}))).toEqual([['value'], ['price'], []]);
			expect(records[0]?.fields).not.toHaveProperty('value');
		});

		it('another record in the answer to a create is never taken for ours', async () => {
			answer([row(3, 'A-2')]);
			const create = products.create!({ reference: 'r-1', fields: { value: 'A-2', name: 'Tent' } });
			await expect(create).rejects.toMatchObject({ kind: 'unreachable' });
		});
	});

	it('a create whose read-back fails may be there, and is never said to be not sent', async () => {
		const input = (value: string) => ({ reference: `r-${value}`, fields: { value, name: 'Tent' } });
		for (const [value, answer] of [
			['A-2', () => new Response('', { status: 429 })],
			['A-3', () => new Response('', { status: 403 })],
			['A-4', body(['UserError', ['No.', '', null]])]
		] as const) {
			fake.answerNext(list, answer);
			await expect(products.create!(input(value))).rejects.toMatchObject({ kind: 'unreachable' });
			expect(await products.findByReference!([`r-${value}`])).toHaveLength(1);
		}
	});

	it('a create is read back, however late the answer comes', async () => {
		let nowMs = 0;
		const transport = createTransport({ fetch, monotonicNow: () => nowMs, wallNow: () => 0 });
		const { url, database, user, password } = fake;
		const slow = tryton.open({ settings: { url, database, user }, credentials: { password }, transport });
		fake.meddle('model.product.template.create', async () => void (nowMs = 5000));
		const input = { reference: 'r-1', fields: { value: 'A-2', name: 'Tent' } };
		expect(await slow.resource('product')?.create?.(input, { sendBy: 2000 })).toMatchObject({ reference: 'r-1' });
	});

	it('a write whose read-back fails is done, with an unknown version', async () => {
		const key = await seedOne();
		const { version } = (await products.read([key]))[0]!;
		fake.meddle(write, async () => fake.answerNext(list, () => new Response('', { status: 502 })));
		const reply = await products.update!({ ...key, version, fields: { name: 'Ours' } });
		expect(reply).toEqual({ version: null, stamp: null, fields: null });
		expect((await products.read([key]))[0]?.fields['name']).toBe('Ours');
	});

	it('a write that somebody was faster than is refused by Tryton itself', async () => {
		const key = await seedOne();
		fake.meddle(write, async () => {
			await fake.pass(2000);
			await client.write('product.product', Number(key.variantId), { description: 'Theirs' });
		});
		const update = products.update!({ ...key, version: null, fields: { name: 'Ours' } });
		await expect(update).rejects.toMatchObject({ kind: 'conflict' });
		expect((await products.read([key]))[0]?.fields).toMatchObject({ name: 'Tent', description: 'Theirs' });
	});

	it('a write that somebody else followed at once has an unknown version', async () => {
		const key = await seedOne();
		fake.meddle(write, async () =>
			fake.meddle(list, () => client.write('product.product', Number(key.variantId), { description: 'Theirs' }))
		);
		const reply = await products.update!({ ...key, version: null, fields: { name: 'Ours' } });
		expect(reply).toEqual({ version: null, stamp: null, fields: null });
	});

	it('a create whose reading fails has an unknown outcome, and its reference is there', async () => {
		fake.answerNext(list, () => new Response('', { status: 502 }));
		const input = { reference: 'r-1', fields: { value: 'A-2', name: 'Tent', price: '1' } };
		await expect(products.create!(input)).rejects.toMatchObject({ kind: 'unreachable' });
		expect(await products.findByReference!(['r-1'])).toMatchObject([{ reference: 'r-1', fields: { value: 'A-2' } }]);
	});

	it('prices with an exponent are read as plain decimals', async () => {
		const key = await seedOne();
		for (const [theirs, ours] of [
			['1E+3', '1000'],
			['0E-8', '0.00000000'],
			['-1.25E1', '-12.5']
		] as const) {
			await client.write('product.template', Number(key.id), { list_price: decimal(theirs) });
			expect((await products.read([key]))[0]?.fields['price']).toBe(ours);
		}
	});
});

describe('the session', () => {
	it('is opened once for calls that start together', async () => {
		const before = logins();
		await Promise.all([products.list(null), products.search('A'), session.probe()]);
		expect(logins() - before).toBe(1);
	});

	it('is renewed once when Tryton forgot it, and a write is then done once', async () => {
		const key = await seedOne();
		await session.probe();
		fake.endSessions();
		const before = logins();
		const update = products.update!({ ...key, version: null, fields: { name: 'Ours' } });
		await Promise.all([update, products.list(null)]);
		expect(logins() - before).toBe(1);
		expect(fake.calls.filter((method) => method === write)).toHaveLength(1);
	});

	it('a create is not sent again, whoever said that the session ended', async () => {
		const create = 'model.product.template.create';
		fake.answerNext(create, () => new Response('', { status: 401 }));
		const input = { reference: 'r-1', fields: { value: 'A-2', name: 'Tent' } };
		await expect(products.create!(input)).rejects.toMatchObject({ kind: 'unreachable' });
		expect(fake.calls.filter((method) => method === create)).toHaveLength(1);
		expect(await products.create!(input)).toMatchObject({ reference: 'r-1' });
	});

	it('ends in unauthorized when a fresh one is refused too', async () => {
		await session.probe();
		fake.meddle(list, async () => fake.endSessions());
		fake.meddle('model.res.user.get_preferences', async () => fake.endSessions());
		await expect(products.list(null)).rejects.toMatchObject({ kind: 'unauthorized' });
		const before = fake.calls.length;
		await expect(products.list(null)).rejects.toMatchObject({ kind: 'unauthorized' });
		expect(fake.calls.length).toBe(before);
	});

	it('does not knock again where Tryton locked the user out', async () => {
		for (let tries = 0; tries < 7; tries += 1)
			await open('wrong')
				.probe()
				.catch(() => undefined);
		const before = logins();
		const locked = { kind: 'rate-limited', retryAfterMs: 300_000, hint: expect.stringContaining('Renew') as string };
		await expect(session.probe()).rejects.toMatchObject(locked);
		await expect(products.list(null)).rejects.toMatchObject(locked);
		expect(logins() - before).toBe(1);
	});

	it('ends without complaint, also when Tryton is gone', async () => {
		await session.probe();
		await fake.stop();
		await expect(session.close()).resolves.toBeUndefined();
	});
});
