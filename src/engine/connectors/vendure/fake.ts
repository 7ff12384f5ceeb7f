import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { projected, type Selection, selectionsOf } from './fake-document.ts';
import { pluginMutations } from './fake-plugin.ts';
import { databaseRefusal, FakeRefusal } from './fake-refusal.ts';
import { shopMutations } from './fake-mutations.ts';
import { fakeCustomFields } from './fake-shop-rows.ts';
import { FakeStockedShop } from './fake-stocked-shop.ts';
import { pluginMark, referenceField } from './server.ts';

export type FakeVendureOptions = {
	/** With our plugin. */
	plugin?: boolean;
	/** Without the custom field for references. */
	noReference?: boolean;
	/** Its clock at the start; it stands still but for `pass` and what it is asked. */
	startMs?: number;
};

/** A Vendure in memory that speaks as much of its Admin API as we use, for tests without one. */
export type FakeVendure = {
	url: string;
	user: string;
	password: string;
	/** Reaches it without a socket. */
	fetch: typeof fetch;
	/** Lets its clock go on. Every mutation takes one millisecond of it too. */
	pass(ms: number): Promise<void>;
	/** Forgets all sessions. */
	endSessions(): void;
	/** The next call that asks for this field gets this answer instead, after what it asks for before that. */
	answerNext(field: string, answer: () => Response): void;
	/** The next one is refused where it comes to this field. */
	refuseNext(field: string, message: string, code: string): void;
	/** Runs something right before the next call that asks for this field is looked at. */
	meddle(field: string, work: () => Promise<void>): void;
	/** Root fields asked for so far, in order, with their arguments. */
	calls: { field: string; args: Readonly<Record<string, unknown>> }[];
	stop(): Promise<void>;
};

type Input = Readonly<Record<string, unknown>>;
type Resolver = (args: Input) => unknown;

const user = 'sync-user';
const password = 'fake-password';
const openToAll = new Set(['login', 'logout']);

/** Serves a fake Vendure on a free loopback port. */
export async function startFakeVendure(options: FakeVendureOptions = {}): Promise<FakeVendure> {
	const shop = new FakeStockedShop(options.startMs ?? Date.UTC(2026, 10, 28, 15));
	const sessions = new Set<string>();
	const surprises = createSurprises();
	const calls: FakeVendure['calls'] = [];
	const resolve = createResolver(shop, sessions, options);

	const app = new Hono().post('/admin-api', async (c) => {
		const { query, variables } = await c.req.json<{ query: string; variables: Input }>();
		const token = (c.req.header('authorization') ?? '').replace('Bearer ', '');
		const headers = new Headers();
		const undo = shop.keep();
		try {
			const selections = selectionsOf(query, variables);
			const kinds = new Set(selections.map(({ field }) => field));
			// Vendure then takes the ids in the arguments of one kind for texts.
			if (query.startsWith('mutation') && kinds.size > 1)
				throw databaseRefusal('null value in column "position" of relation "collection" violates not-null constraint');
			const answer = await perform(selections, token, headers);
			return answer instanceof Response ? answer : Response.json(answer, { headers });
		} catch (error) {
			if (!(error instanceof FakeRefusal)) throw error;
			// A document that does not fit the schema is refused before any of it is performed.
			undo();
			return Response.json({ errors: [errorOf(error)], data: null }, { status: error.status });
		}
	});

	/** One after the other, each in a transaction of its own: what went before a refusal stays. */
	async function perform(selections: readonly Selection[], token: string, headers: Headers) {
		const data: Record<string, unknown> = {};
		const errors: object[] = [];
		for (const selection of selections) {
			const { field, alias, args } = selection;
			calls.push({ field, args });
			const instead = surprises.take(field);
			try {
				if (instead?.work) await instead.work();
				if (instead?.answer) return instead.answer();
				data[alias] = resolve(selection, token, headers);
			} catch (error) {
				if (!(error instanceof FakeRefusal) || error.status !== 200) throw error;
				errors.push({ ...errorOf(error), path: [alias] });
				// Nothing comes after a field that cannot be null.
				if (!mayBeNull(field)) return { data: null, errors };
				data[alias] = null;
			}
		}
		return errors.length > 0 ? { data, errors } : { data };
	}

	const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
	if (!server.listening) await new Promise((done) => server.once('listening', done));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin-api`,
		user,
		password,
		fetch: async (input, init) => app.fetch(new Request(input, init)),
		pass: async (ms) => shop.pass(ms),
		endSessions: () => sessions.clear(),
		...surprises.hands,
		calls,
		async stop() {
			server.closeAllConnections();
			await new Promise((done) => server.close(done));
		}
	};
}

/** What is to happen at the next call for a field. */
function createSurprises() {
	const prepared = new Map<string, { work?: () => Promise<void>; answer?: () => Response }>();
	const hands: Pick<FakeVendure, 'answerNext' | 'refuseNext' | 'meddle'> = {
		answerNext: (field, answer) => prepared.set(field, { answer }),
		refuseNext: (field, message, code) =>
			prepared.set(field, { work: () => Promise.reject(new FakeRefusal(code, message)) }),
		meddle: (field, work) => prepared.set(field, { work })
	};
	return {
		hands,
		take(field: string) {
			const one = prepared.get(field);
			prepared.delete(field);
			return one;
		}
	};
}

function errorOf({ message, code }: FakeRefusal): { message: string; extensions: { code: string } } {
	return { message, extensions: { code } };
}

function mayBeNull(field: string): boolean {
	return field.startsWith('channelMappingUpdate');
}

/** Answers one field of Query or Mutation. */
function createResolver(shop: FakeStockedShop, sessions: Set<string>, options: FakeVendureOptions) {
	const queries = queriesOf(shop, options);
	const mutations = { ...shopMutations(shop), ...(options.plugin ? pluginMutations(shop) : {}) };
	let lastSession = 0;

	function logIn({ username, password: given }: Input, headers: Headers) {
		if (username !== user || given !== password) {
			const message = 'The provided credentials are invalid';
			return { __typename: 'InvalidCredentialsError', errorCode: 'INVALID_CREDENTIALS_ERROR', message };
		}
		const token = `session${(lastSession += 1)}`;
		sessions.add(token);
		headers.set('vendure-auth-token', token);
		return { __typename: 'CurrentUser' };
	}

	return ({ field, args, inner }: Selection, token: string, headers: Headers): unknown => {
		if (!openToAll.has(field) && !sessions.has(token))
			throw new FakeRefusal('FORBIDDEN', 'You are not currently authorized to perform this action');
		if (field === 'login') return projected(logIn(args, headers), inner);
		if (field === 'logout') {
			// Not only the one that asks.
			sessions.clear();
			return { success: true };
		}
		const query = queries[field];
		if (query) return projected(query(args), inner);
		const mutation = mutations[field];
		if (!mutation) throw new FakeRefusal('GRAPHQL_VALIDATION_FAILED', `Cannot query field "${field}".`, 400);
		return projected(
			shop.transaction(() => mutation(args)),
			inner
		);
	};
}

function queriesOf(shop: FakeStockedShop, { plugin, noReference }: FakeVendureOptions): Record<string, Resolver> {
	const names = fakeCustomFields.filter((name) => !noReference || name !== referenceField);
	const customFields = names.map((name) => ({
		__typename: 'StringCustomFieldConfig',
		name,
		ui: plugin && name === referenceField ? { plugin: pluginMark } : null
	}));
	const entities = ['Product', 'ProductVariant', 'Customer', 'Collection', 'StockLocation'];
	const entityCustomFields = entities.map((entityName) => ({
		__typename: 'EntityCustomFields',
		entityName,
		customFields
	}));
	const options = ({ options: list }: Input) => (list ?? {}) as Input;
	return {
		activeChannel: () => ({
			__typename: 'Channel',
			updatedAt: new Date(Date.UTC(2026, 10, 28)).toISOString(),
			availableLanguageCodes: ['en', 'de'],
			defaultCurrencyCode: 'EUR',
			availableCurrencyCodes: ['EUR', 'USD']
		}),
		globalSettings: () => ({
			__typename: 'GlobalSettings',
			serverConfig: { __typename: 'ServerConfig', moneyStrategyPrecision: 2, entityCustomFields }
		}),
		products: (args) => shop.products(options(args)),
		productVariants: (args) => shop.variants(options(args)),
		customers: (args) => shop.customers(options(args)),
		product: ({ id }) => shop.product(Number(id)),
		collections: (args) => shop.collections(options(args)),
		collection: ({ id }) => shop.collection(Number(id)),
		stockLocations: (args) => shop.locations(options(args))
	};
}
