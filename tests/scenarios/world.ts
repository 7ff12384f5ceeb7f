import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { memoryConnector } from '#src/engine/connectors/memory/index.ts';
import { createMemoryChannel, type MemoryChannel } from '#src/engine/connectors/memory/create-memory-channel.ts';
import type { MemoryOptions } from '#src/engine/connectors/memory/options.ts';
import type { Transport } from '#src/engine/connectors/transport.ts';
import { createEngine } from '#src/engine/create-engine.ts';
import type { Engine } from '#src/engine/engine.ts';
import type { Clock, Ports } from '#src/engine/ports.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { columnOf, initialPolicy, type Entity } from '#src/entities/entity.ts';
import { isDecision } from '#src/mappings/list-decisions.ts';
import { createStore, type Store } from '#src/store/store.ts';
import { readLinks } from '#src/store/claim-links.ts';
import type { Fields } from '#src/sync/fields.ts';
import { defaultSchedule, type ChannelEntityPolicy } from '#src/sync/policy.ts';

export const wallClock: Clock = {
	nowMs: () => performance.timeOrigin + performance.now(),
	monotonicMs: () => performance.now(),
	sleep: (ms, signal) => sleep(ms, undefined, { signal }) as Promise<void>
};

const noTransport: Transport = () => Promise.reject(new Error('this world has no network'));

export type ChannelSetUp = {
	policy?: Partial<ChannelEntityPolicy>;
	live?: boolean;
	autoCreateExternal?: boolean;
	autoCreateInternal?: boolean;
	allowSecondary?: boolean;
	/** Default: products and business partners. */
	entities?: readonly string[];
};

/**
 * A world to tell stories in: the real engine and store on a real database, channels in memory. One channel and one
 * entity at a time; runs are performed where they are asked for, so that a story reads from top to bottom.
 */
export async function createWorld(
	db: Db,
	options: { wrapStore?: (store: Store) => Store; channels?: Record<string, MemoryChannel>; clock?: Clock } = {}
) {
	const channels = options.channels ?? {};
	const clock = options.clock ?? wallClock;
	const store = (options.wrapStore ?? ((same: Store) => same))(createStore(db));
	await db.execute(sql`
		insert into sync_installation (id, key, system_identifier, database_name, origin) values (1, 'w0rld', '1', 'test', 'test') on conflict do nothing`);
	const ports: Ports = {
		clock,
		random: { number: () => 0.5, uuid: randomUUID },
		transport: noTransport,
		connectors: [memoryConnector(channels)],
		queue: { send: async () => {}, work: async () => {}, stop: async () => {} },
		store,
		unseal: (sealed) => sealed,
		log: { info: () => {}, warn: () => {}, error: (message, detail) => console.error(message, detail) },
		workerId: 'world'
	};
	const engine = createEngine(ports);
	return {
		db,
		engine,
		ports,
		store,
		/** Adds a fake channel, live in both directions unless told otherwise. */
		async addChannel(name: string, set: ChannelSetUp = {}, memory: Partial<MemoryOptions> = {}) {
			const channel = createMemoryChannel({ clock, stampResolutionMs: 1, overlapMs: 200, ...memory });
			channels[name] = channel;
			const id = await insertChannel(db, name, 'memory', { channel: name }, set);
			return storyOf(db, engine, id, channel);
		}
	};
}

/** Adds a channel for both entities; returns its id. */
export async function insertChannel(
	db: Db,
	name: string,
	connector: string,
	settings: object,
	set: ChannelSetUp = {}
): Promise<string> {
	const live = set.live ?? true;
	const [row] = await db.execute<{ id: string }>(sql`
		insert into c_channel (name, connector, settings, credentials) values (${name}, ${connector}, ${JSON.stringify(settings)}::text::jsonb, '{"key":"secret"}')
		returning id::text as id`);
	const id = row?.id ?? '';
	for (const entity of set.entities ?? ['product', 'business-partner']) {
		const policy = JSON.stringify({ ...initialPolicy(entityNamed(entity) as Entity), ...set.policy });
		await db.execute(sql`
			insert into c_channel_entity (c_channel_id, entity, policy, schedule, push_live, pull_live, auto_create_external, auto_create_internal, allow_secondary)
			values (${id}::bigint, ${entity}, ${policy}::text::jsonb, ${JSON.stringify(defaultSchedule)}::text::jsonb, ${live}, ${live},
				${set.autoCreateExternal ?? false}, ${set.autoCreateInternal ?? false}, ${set.allowSecondary ?? false})`);
	}
	return id;
}

/** A lamp of which only the code is to be filled in. */
export const lamp: Fields = {
	name: 'Lamp',
	description: null,
	gtin: null,
	price: '20',
	currency: 'EUR',
	weight: null,
	is_active: true
};

/** Links so many pairs of equal records, whose codes are `code` and their number, and lets them agree in one run. */
export async function linkPairs(erp: Story & { memory: MemoryChannel }, count: number, code: string, fields = lamp) {
	const pairs: { internalId: string; externalId: string; linkId: string }[] = [];
	for (let index = 0; index < count; index++) {
		const values = { ...fields, value: `${code}-${index}` };
		const internalId = await erp.addInternal(values);
		const externalId = erp.memory.add('product', values);
		pairs.push({ internalId, externalId, linkId: await erp.link(internalId, externalId) });
	}
	await erp.run();
	return pairs;
}

/** One channel of the world, with the verbs of a story. */
export type Story = ReturnType<typeof storyOf>;

export function storyOf<Channel>(db: Db, engine: Engine, channelId: string, memory: Channel, entityName = 'product') {
	const entity = entityNamed(entityName) as Entity;
	const map = sql.identifier(entity.mapNames.table);
	const story = {
		channelId,
		memory,
		/** Adds a record of ours. */
		addInternal: async (fields: Fields) => (await entity.store.insert(db, { is_active: true, ...fields }, {})).id,
		/** A person edits our record, as any program on the database would. */
		async editInternal(id: string, fields: Fields) {
			for (const field of entity.fields.filter(({ name }) => fields[name] !== undefined)) {
				const value = fields[field.name] ?? null;
				await db.execute(
					sql`update ${sql.identifier(entity.recordTable)} set ${sql.identifier(columnOf(field))} = ${value} where id = ${id}::bigint`
				);
			}
		},
		async internal(id: string) {
			return (await entity.store.read(db, [id]))[0]?.fields;
		},
		/** Links two records as a person would; they meet for the first time in the next run. */
		async link(internalId: string, externalId: string, variantId = '') {
			const [row] = await db.execute<{ id: string }>(sql`
				insert into ${map} (c_channel_id, ${sql.identifier(entity.mapNames.internalColumn)}, ${sql.identifier(entity.mapNames.externalColumn)}, external_variant_id)
				values (${channelId}::bigint, ${internalId}::bigint, ${externalId}, ${variantId}) returning id::text as id`);
			return row?.id ?? '';
		},
		/** Performs one run now; returns how it ended. */
		async run(mode: 'incremental' | 'full' | 'preview' = 'incremental') {
			const { runId } = await engine.requestRun({ channelId, entity: entityName, mode, startedBy: 'story' });
			await engine.performRun(runId, new AbortController().signal);
			return story.ended(runId);
		},
		async ended(runId: string) {
			const [row] = await db.execute<{
				state: string;
				counts: Record<string, number>;
				problem: { kind: string; hint: string } | null;
			}>(sql`select state, counts, problem from sync_run where id = ${runId}::bigint`);
			if (!row) throw new Error(`no run ${runId}`);
			return { runId, ...row };
		},
		async linkState(linkId: string) {
			const [found] = await readLinks(db, { channelId, entity, afterId: '0', limit: 1, linkIds: [linkId] });
			return found?.link ?? null;
		},
		links: async () =>
			(await readLinks(db, { channelId, entity, afterId: '0', limit: 1000, linkIds: null })).map(({ link }) => link),
		conflicts: async () =>
			db.execute<{
				id: string;
				field: string;
				state: string;
				rule: string;
				winner: string | null;
				internal: unknown;
				external: unknown;
			}>(
				sql`select id::text as id, field, state, rule, winner, internal, external from sync_conflict where c_channel_id = ${channelId}::bigint order by id`
			),
		journal: async () =>
			db.execute<{
				action: string;
				changes: { field: string; side: string; before: unknown; after: unknown; lost?: unknown; rule: string }[];
			}>(
				sql`select action, changes from sync_decision d where c_channel_id = ${channelId}::bigint and ${isDecision} order by id`
			),
		suggestions: async () =>
			db.execute<{ internalId: string; externalId: string; score: number; ambiguous: boolean }>(
				sql`select internal_id::text as "internalId", external_id as "externalId", score, ambiguous from c_channel_suggestion where c_channel_id = ${channelId}::bigint order by id`
			),
		items: async (runId: string) =>
			db.execute<{ action: string; outcome: string; problem: { kind: string } | null }>(
				sql`select action, outcome, problem from sync_item where run_id = ${runId}::bigint order by id`
			),
		/** Lets everything that waits for a moment come due: retries, claims, unconfirmed creates. */
		async passTime() {
			await db.execute(
				sql`update ${map} set retry_at = null, claimed_until = null where retry_at is not null or claimed_until is not null`
			);
			// What was on its way has landed by now, or never will.
			await db.execute(sql`
				update ${map} set pending_write = regexp_replace(pending_write::text, '"landsByMs": \\d+', '"landsByMs": 0', 'g')::jsonb
				where pending_write::text like '%landsByMs%'`);
			await db.execute(
				sql`update sync_intent set retry_at = null, claimed_until = null, sent_at = sent_at - interval '1 hour'`
			);
		}
	};
	return story;
}
