import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { createTransport } from '#src/engine/connectors/http.ts';
import type { HttpReply } from '#src/engine/connectors/transport.ts';
import { vendure } from '#src/engine/connectors/vendure/index.ts';
import { createEngine } from '#src/engine/create-engine.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { testDatabase } from '../pg/database.ts';
import { type ChannelSetUp, createWorld, insertChannel, type Story, storyOf, wallClock } from '../scenarios/world.ts';
import { removeProductOf } from './catalog-rigs.ts';
import type { VendureClient } from './client.ts';
import type { VendureServer } from './server.ts';

/** Longer than anything is left alone that had no answer. */
const patienceMs = 90_000;

/** One call on its way to Vendure. */
export type Call = { query: string; variables: object };

/** The real engine and store on a real database, with a real Vendure as the channel. Close it in the end. */
export async function createVendureWorld(server: VendureServer) {
	const database = await testDatabase();
	const { db, ports } = await createWorld(database.db);
	const calls: Call[] = [];
	const hooks: {
		before?: ((call: Call) => Promise<void>) | undefined;
		after?: ((call: Call) => Promise<void>) | undefined;
	} = {};
	const send = createTransport({ fetch, monotonicNow: wallClock.monotonicMs, wallNow: wallClock.nowMs });
	const transport = async (request: Parameters<typeof send>[0]): Promise<HttpReply> => {
		const call = JSON.parse(request.body ?? '{}') as Call;
		calls.push(call);
		await hooks.before?.(call);
		const reply = await send(request);
		await hooks.after?.(call);
		return reply;
	};
	const engine = createEngine({ ...ports, connectors: [vendure], transport });
	const { client, url, user, password } = server;
	let channels = 0;

	async function addChannel(set: ChannelSetUp = {}, entity = 'product') {
		const settings = {
			url,
			gtinField: 'ean',
			customerCodeField: 'customerNumber',
			taxIdField: 'vatNumber',
			warehouseCodeField: 'placeNumber'
		};
		const id = await insertChannel(db, `Vendure ${(channels += 1)}`, 'vendure', settings, set);
		await db.execute(sql`
			update c_channel set credentials = ${JSON.stringify({ user, password })}::text::jsonb where id = ${id}::bigint`);
		/** The story of one kind of record at this channel. */
		const tell = (name: string) => {
			const story = storyOf(db, engine, id, client, name);
			return {
				...story,
				client,
				/**
				 * Runs until this holds; answers the runs. On a busy machine a write that comes too late is left to the next run, and what
				 * had no answer in time is left alone for a while.
				 */
				async runUntil(holds: () => Promise<boolean>, mode: 'incremental' | 'full' = 'incremental') {
					const runs: Awaited<ReturnType<typeof story.run>>[] = [];
					for (const until = wallClock.monotonicMs() + patienceMs; wallClock.monotonicMs() < until; await delay(200)) {
						runs.push(await story.run(mode));
						if (await holds()) return runs;
					}
					const found = [runs.slice(-5), await story.links(), await story.conflicts()];
					throw new Error(`still not so after ${runs.length} runs: ${JSON.stringify(found)}`);
				}
			};
		};
		return { ...tell(entity), tell };
	}

	/** Further runs write nothing, by Vendure's own account, and leave the links as they are. */
	async function expectQuiet(shop: Pick<Story, 'run' | 'links'>) {
		const stamps = await stampsOf(client);
		const before = calls.length;
		await shop.run();
		const links = await shop.links();
		await shop.run('full');
		expect({ stamps: await stampsOf(client), links: await shop.links() }).toEqual({ stamps, links });
		expect(calls.slice(before).filter(writes)).toEqual([]);
	}

	return { db, engine, calls, hooks, addChannel, expectQuiet, close: () => database.close() };
}

/** A channel with the story of its first kind of record, and `tell` for the others. */
export type VendureChannel = Awaited<ReturnType<Awaited<ReturnType<typeof createVendureWorld>>['addChannel']>>;

export type VendureStory = ReturnType<VendureChannel['tell']>;

/** Nothing is left to do, and all that was sent was read back. */
export function isSettled(link: Awaited<ReturnType<VendureStory['linkState']>>): boolean {
	return link?.status === 'in-sync' && link.dirtySeq === link.cleanSeq && link.unconfirmed.length === 0;
}

/** Whether a call changes something there. */
export function writes({ query }: Call): boolean {
	return query.startsWith('mutation') && !/ChannelMappingLogin/.test(query);
}

/** What becomes of the links of a channel once the product of a variant is deleted there. */
export async function linksWithoutProduct(shop: VendureStory, variantId: string) {
	await removeProductOf(shop.client, variantId);
	await shop.run('full');
	return shop.links();
}

/** A product as Vendure holds it, by our names. */
export async function productOf(client: VendureClient, variantId: string): Promise<Fields> {
	const { variant } = await client.call<{
		variant: {
			sku: string;
			name: string;
			enabled: boolean;
			prices: { price: number }[];
			customFields: { ean: string | null };
			product: { name: string; description: string };
		} | null;
	}>(
		`query ($id: ID!) { variant: productVariant(id: $id) {
			sku name enabled prices { price } customFields { ean } product { name description }
		} }`,
		{ id: variantId }
	);
	if (!variant) throw new Error(`no variant ${variantId}`);
	return {
		value: variant.sku,
		name: variant.name,
		productName: variant.product.name,
		description: variant.product.description,
		gtin: variant.customFields.ean,
		price: String((variant.prices[0]?.price ?? 0) / 100),
		is_active: variant.enabled
	};
}

/** When every row that a sync could write to was last written, and how many there are, by Vendure's own account. */
export async function stampsOf(client: VendureClient): Promise<unknown> {
	return client.call(`{
		products(options: { take: 1000, sort: { id: ASC } }) { items { id updatedAt } }
		productVariants(options: { take: 1000, sort: { id: ASC } }) {
			items { id updatedAt stockLevels { stockLocationId stockOnHand } }
		}
		customers(options: { take: 1000, sort: { id: ASC } }) { items { id updatedAt } }
		collections(options: { take: 1000, sort: { id: ASC } }) { items { id updatedAt } }
		stockLocations(options: { take: 1000, sort: { id: ASC } }) { items { id updatedAt } }
	}`);
}

type Shown = { name: string; slug: string; parentId: string };

/** A collection as Vendure holds it. */
export async function collectionOf(client: VendureClient, id: string): Promise<Shown> {
	const { collection } = await client.call<{ collection: Shown }>(
		'query ($id: ID!) { collection(id: $id) { name slug parentId } }',
		{ id }
	);
	return collection;
}

/** A stock location as Vendure holds it. */
export async function locationOf(client: VendureClient, id: string): Promise<{ name: string; customFields: object }> {
	const { location } = await client.call<{ location: { name: string; customFields: object } }>(
		'query ($id: ID!) { location: stockLocation(id: $id) { name customFields { placeNumber } } }',
		{ id }
	);
	return location;
}

/** What a variant has on hand at a location, undefined where nothing was ever set. */
export async function onHandOf(client: VendureClient, id: string, locationId: string): Promise<number | undefined> {
	type Level = { stockLocationId: string; stockOnHand: number };
	const { variant } = await client.call<{ variant: { stockLevels: Level[] } }>(
		'query ($id: ID!) { variant: productVariant(id: $id) { stockLevels { stockLocationId stockOnHand } } }',
		{ id }
	);
	return variant.stockLevels.find(({ stockLocationId }) => stockLocationId === locationId)?.stockOnHand;
}

/** What a variant costs, by currency. */
export async function pricesOf(client: VendureClient, id: string): Promise<Fields> {
	const { variant } = await client.call<{ variant: { prices: { currencyCode: string; price: number }[] } }>(
		'query ($id: ID!) { variant: productVariant(id: $id) { prices { currencyCode price } } }',
		{ id }
	);
	return Object.fromEntries(variant.prices.map(({ currencyCode, price }) => [currencyCode, String(price / 100)]));
}

/** A value as text, without the digits that only one side has. */
export function plain(value: Value): string {
	const text = String(value);
	return /^\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text;
}
