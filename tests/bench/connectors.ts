import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { createMemoryChannel } from '#src/engine/connectors/memory/create-memory-channel.ts';
import { memoryConnector } from '#src/engine/connectors/memory/index.ts';
import { startFakeTryton } from '#src/engine/connectors/tryton/fake.ts';
import { startFakeVendure } from '#src/engine/connectors/vendure/fake.ts';
import type { ExternalKey } from '#src/engine/connectors/connector.ts';
import type { Fields } from '#src/sync/fields.ts';
import { defaultPolicy, defaultSchedule } from '#src/sync/policy.ts';
import { startDemoErp } from '../conformance/demo-erp.ts';
import type { Rig as ChannelRig } from '../conformance/exercise-connector.ts';
import { connect as connectTryton } from '../tryton/client.ts';
import { productRig as trytonProducts } from '../tryton/rig.ts';
import { connect as connectVendure } from '../vendure/client.ts';
import { productRig as vendureProducts } from '../vendure/rig.ts';
import type { Measurement } from './main.ts';
import { freshDatabase, performRun, startEngine, type Cost, type Rig } from './rig.ts';

const records = 2000;
const page = 100;
/** Runs until all is carried over; what is not to be sent yet is waited for in between. */
const runsAtMost = 20;
const waitMs = 500;

type System = ChannelRig & { calls?: () => number };

const systems: Readonly<Record<string, () => Promise<System>>> = {
	memory: startMemory,
	rest: () => startDemoErp('erp', page),
	'rest-unguarded': () => startDemoErp('shop', page),
	tryton: async () => {
		const fake = await startFakeTryton({ startMs: Date.now() });
		const rig = trytonProducts({ ...fake, client: await connectTryton(fake) });
		return { ...rig, settings: { ...(rig.settings as object), backend: 'postgresql' }, stop: fake.stop };
	},
	vendure: () => startVendure(false),
	'vendure-plugin': () => startVendure(true)
};

/**
 * What each connector asks its channel for a product, feed and listing included: for a comparison of all, for one changed
 * there, and for one changed here. 2,000 products; a fake of the vendor's system where it is not ours.
 */
export async function* benchConnectors(databaseUrl: string): AsyncIterable<Measurement> {
	for (const [name, start] of Object.entries(systems)) {
		const system = await start();
		const database = await freshDatabase(databaseUrl);
		const rig = startEngine(database.url, {
			connectors: [system.connector],
			...(system.calls && { calls: system.calls })
		});
		try {
			yield* measure(name, rig, system);
		} finally {
			await rig.stop();
			await database.drop();
			await system.stop?.();
		}
	}
}

async function* measure(name: string, rig: Rig, system: System): AsyncIterable<Measurement> {
	const keys = await system.seed(Array.from({ length: records }, (_, n) => product(n)));
	const channelId = await connect(rig, system, keys);
	await settle(rig, channelId, 'full');
	yield* report(`connector.${name}.full`, await performRun(rig, channelId, 'full'));

	for (const key of keys) await system.edit(key, { name: 'Renamed' });
	yield* report(`connector.${name}.pull`, await settle(rig, channelId, 'incremental'));

	await rig.db.execute(sql`update m_product set price = price + 1`);
	yield* report(`connector.${name}.push`, await settle(rig, channelId, 'incremental'));
}

/** Runs until no link needs a look any more; what all of that took. */
async function settle(rig: Rig, channelId: string, mode: 'full' | 'incremental'): Promise<Cost> {
	const total: Cost = { seconds: 0, calls: 0, statements: 0, counts: {} };
	for (let runs = 0; runs < runsAtMost; runs++) {
		const cost = await performRun(rig, channelId, mode);
		total.seconds += cost.seconds;
		total.calls += cost.calls;
		total.statements += cost.statements;
		for (const [outcome, count] of Object.entries(cost.counts))
			total.counts[outcome] = (total.counts[outcome] ?? 0) + count;
		const [open] = await rig.db.execute(sql`select 1 from c_channel_map_product where dirty_seq > clean_seq limit 1`);
		if (!open) return total;
		await sleep(waitMs);
	}
	throw new Error(`links still need a look after ${runsAtMost} runs: ${JSON.stringify(total.counts)}`);
}

function* report(name: string, cost: Cost): Iterable<Measurement> {
	const context = `${records} products, pages of ${page}; ${JSON.stringify(cost.counts)}`;
	yield { name: `${name}.calls`, value: cost.calls / records, unit: 'calls/record', better: 'lower', context };
	yield {
		name: `${name}.statements`,
		value: cost.statements / records,
		unit: 'statements/record',
		better: 'lower',
		context
	};
}

function product(n: number): Fields {
	return { value: `C-${n}`, name: `Product ${n}`, description: 'By the piece', price: '10.00', is_active: true };
}

/** The channel, live both ways and with no ceiling in the way, and a link for each of its products. */
async function connect({ db }: Rig, system: System, keys: readonly ExternalKey[]): Promise<string> {
	const ceilings = { ...defaultPolicy.ceilings, updates: { count: 100 * records, share: 1 } };
	const [channel] = await db.execute<{ id: string }>(sql`
		insert into c_channel (name, connector, settings, credentials)
		values ('Channel', ${system.connector.name}, ${JSON.stringify(system.settings)}::text::jsonb, ${JSON.stringify(system.credentials)}::text::jsonb)
		returning id::text as id`);
	const channelId = channel?.id ?? '';
	await db.execute(sql`
		insert into c_channel_entity (c_channel_id, entity, policy, schedule, push_live, pull_live)
		values (${channelId}::bigint, 'product', ${JSON.stringify({ ...defaultPolicy, ceilings })}::text::jsonb,
			${JSON.stringify(defaultSchedule)}::text::jsonb, true, true)`);
	const links = keys.map(({ id, variantId }, n) => ({ ...product(n), id, variant: variantId }));
	await db.execute(sql`
		with ours as (
			insert into m_product (value, name, description, price, currency)
			select k.value, k.name, k.description, k.price, 'EUR'
			from jsonb_to_recordset(${JSON.stringify(links)}::text::jsonb) as k(value text, name text, description text, price numeric)
			returning id, value
		)
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id, external_variant_id)
		select ${channelId}::bigint, ours.id, k.id, k.variant
		from jsonb_to_recordset(${JSON.stringify(links)}::text::jsonb) as k(value text, id text, variant text) join ours using (value)`);
	await db.execute(sql`delete from sync_outbox`);
	return channelId;
}

async function startMemory(): Promise<System> {
	const clock = { nowMs: () => performance.timeOrigin + performance.now(), monotonicMs: () => performance.now() };
	const channel = createMemoryChannel({ clock, pageSize: page });
	return {
		connector: memoryConnector({ memory: channel }),
		settings: { channel: 'memory' },
		credentials: {},
		wrongCredentials: {},
		seed: async (many) => many.map((fields) => ({ id: channel.add('product', fields), variantId: '' })),
		edit: async ({ id }, fields) => channel.edit('product', id, fields),
		remove: async ({ id }) => channel.remove('product', id),
		calls: () => channel.calls().length
	};
}

async function startVendure(plugin: boolean): Promise<System> {
	const fake = await startFakeVendure({ plugin, startMs: Date.now() });
	return { ...vendureProducts({ ...fake, client: await connectVendure(fake) }), stop: fake.stop };
}
