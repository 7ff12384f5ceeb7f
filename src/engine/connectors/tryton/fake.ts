import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeRefusal } from './fake-refusal.ts';
import { isSaleStep } from './fake-sales.ts';
import { type FakeContext, FakeTables } from './fake-tables.ts';

/** A Tryton in memory that speaks its JSON-RPC, for tests without a Tryton. Anybody may log in as `admin`. */
export type FakeTryton = {
	url: string;
	database: string;
	user: string;
	password: string;
	/** Reaches it without a socket. */
	fetch: typeof fetch;
	/** Lets its clock go on. Every call takes one millisecond of it too. */
	pass(ms: number): Promise<void>;
	/** Forgets all sessions. */
	endSessions(): void;
	/** The next call of this method gets this answer instead. */
	answerNext(method: string, answer: () => Response): void;
	/** Runs something right before the next call of this method is looked at, which may then get another answer. */
	meddle(method: string, work: () => Promise<void>, answer?: () => Response): void;
	/** Methods called so far, in order. */
	calls: string[];
	stop(): Promise<void>;
};

type Request = { id: unknown; method: string; params: unknown[] };

const preferences = { language: 'en', company: 1 };
const userId = 7;
const password = 'fake-password';
const maxWrongPasswords = 5;

/** Serves a fake Tryton on a free loopback port. Its clock starts at `startMs` and stands still but for `pass` and what it is asked. */
export async function startFakeTryton({ startMs = Date.UTC(2026, 10, 28, 15) } = {}): Promise<FakeTryton> {
	const tables = new FakeTables();
	const sessions = new Set<string>();
	const logIn = createLogin(sessions);
	const prepared = new Map<string, { work?: () => Promise<void>; answer?: (() => Response) | undefined }>();
	const calls: string[] = [];
	let clock = startMs;

	function perform(method: string, args: readonly unknown[], context: FakeContext): unknown {
		const [, name = '', verb = ''] = /^model\.(.+)\.(\w+)$/.exec(method) ?? [];
		if (name === 'res.user' && verb === 'get_preferences') return preferences;
		clock += 1;
		const stamp = new Date(clock).toISOString().replace('Z', '456Z');
		return tables.transaction(stamp, userId, context, () => execute(tables, name, verb, args));
	}

	function handle(request: Request, authorization: string): Response {
		const { id, method, params } = request;
		if (method === 'common.db.login') return logIn(request);
		if (!sessions.delete(authorization)) return new Response('', { status: 401 });
		if (method === 'common.db.logout') return Response.json({ id, result: null });
		sessions.add(authorization);
		const context = params.at(-1);
		if (typeof context !== 'object' || context === null || Array.isArray(context)) {
			return Response.json({ id, error: ['Missing context argument', ''] });
		}
		return Response.json({ id, result: toWire(perform(method, params.slice(0, -1), context)) ?? null });
	}

	const app = new Hono().post('/fake/', async (c) => {
		const request = await c.req.json<Request>();
		calls.push(request.method);
		const instead = prepared.get(request.method);
		prepared.delete(request.method);
		await instead?.work?.();
		if (instead?.answer) return instead.answer();
		try {
			return handle(request, c.req.header('authorization') ?? '');
		} catch (error) {
			if (error instanceof FakeRefusal) return c.json({ id: request.id, error: error.body } as object);
			throw error;
		}
	});
	const [euro] = perform('model.currency.currency.create', [[{ code: 'EUR' }]], {}) as [number];
	const [company] = perform('model.company.company.create', [[{ currency: euro }]], {}) as [number];
	tables.setDefaultCompany(company);
	perform('model.product.uom.create', [[{ name: 'Unit', symbol: 'u' }]], {});

	const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
	if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		database: 'fake',
		user: 'admin',
		password,
		fetch: async (input, init) => app.fetch(new Request(input, init)),
		pass: async (ms) => void (clock += ms),
		endSessions: () => sessions.clear(),
		answerNext: (method, answer) => prepared.set(method, { answer }),
		meddle: (method, work, answer) => prepared.set(method, { work, answer }),
		calls,
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	};
}

/** Like Tryton: after some wrong passwords, a right one is refused too. */
function createLogin(sessions: Set<string>): (request: Request) => Response {
	let lastSession = 0;
	let wrongPasswords = 0;
	return ({ id, params }) => {
		const [user, given] = params as [string, { password: string }];
		if (wrongPasswords > maxWrongPasswords) return new Response('<h1>Too Many Requests</h1>', { status: 429 });
		if (user !== 'admin' || given.password !== password) {
			wrongPasswords += 1;
			return new Response('<h1>Unauthorized</h1>', { status: 401 });
		}
		wrongPasswords = 0;
		const session = `session${(lastSession += 1)}`;
		sessions.add(`Session ${Buffer.from(`admin:${userId}:${session}`).toString('base64')}`);
		return Response.json({ id, result: [userId, session] });
	};
}

function execute(tables: FakeTables, name: string, verb: string, args: readonly unknown[]): unknown {
	const [first, second, third] = args;
	if (isSaleStep(name, verb)) return tables.step(name, first as number[], verb);
	switch (verb) {
		case 'create':
			return (first as Record<string, unknown>[]).map((values) => tables.create(name, values));
		case 'write':
			for (let at = 0; at < args.length; at += 2)
				tables.write(name, args[at] as number[], args[at + 1] as Record<string, unknown>);
			return;
		case 'delete':
			return tables.remove(name, first as number[]);
		case 'search':
			return page(tables.search(name, first), second, third);
		case 'search_count':
			return tables.search(name, first).length;
		case 'search_read': {
			const columns = args[4] as string[];
			return page(tables.search(name, first), second, third).map((id) => tables.read(name, id, columns));
		}
		default:
			throw new FakeRefusal(`no method ${verb}`, '');
	}
}

function page(ids: readonly number[], offset: unknown, limit: unknown): readonly number[] {
	const start = typeof offset === 'number' ? offset : 0;
	return ids.slice(start, typeof limit === 'number' ? start + limit : undefined);
}

/** Plain values in Tryton's form: booleans as SQLite has them, prices as Decimal, stamps as datetime. */
function toWire(value: unknown, column = ''): unknown {
	if (Array.isArray(value)) return value.map((each) => toWire(each));
	if (typeof value === 'boolean') return value ? 1 : 0;
	if (/price$|amount$/.test(column) && typeof value === 'string') return { __class__: 'Decimal', decimal: value };
	if (/_date$/.test(column) && typeof value === 'string') {
		const [year, month, day, hour, minute, second, microsecond] = value.split(/\D/).map(Number);
		return { __class__: 'datetime', year, month, day, hour, minute, second, microsecond };
	}
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toWire(inner, key)]));
}
