import { sql } from 'drizzle-orm';
import type { Transport } from '#src/engine/connectors/transport.ts';
import { erpSettings } from '#src/demo/channels.ts';
import { defaultPolicy, defaultSchedule } from '#src/sync/policy.ts';
import type { Measurement } from './main.ts';
import { freshDatabase, performRun, startEngine, startErp, timed, type Cost, type Rig } from './rig.ts';

const links = 10_000;
const latencyMs = 10;
const page = 100;

type Erp = Awaited<ReturnType<typeof startErp>>;

/**
 * What one record costs: calls, statements, and the rate against a bare loop that makes the same calls with neither
 * database nor decision. 10,000 links, a channel that takes 10 ms to answer.
 */
export async function* benchSync(databaseUrl: string): AsyncIterable<Measurement> {
	const erp = await startErp(latencyMs);
	const database = await freshDatabase(databaseUrl);
	const rig = startEngine(database.url);
	try {
		const channelId = await setUp(rig, erp);
		const run = (mode: 'full' | 'incremental') => performRun(rig, channelId, mode);
		yield* report('first-contact', await run('full'), null);
		yield* report('noop', await run('full'), await timed(() => bareList(rig.transport, erp)));
		yield* report('idle', await run('incremental'), null);

		await importRecords(erp, 'pulled', new Date().toISOString());
		yield* report('pull', await run('incremental'), await timed(() => barePull(rig.transport, erp)));

		await rig.db.execute(sql`update m_product set price = price + 1`);
		yield* report('push', await run('incremental'), await timed(() => barePush(rig.transport, erp)));
	} finally {
		await rig.stop();
		await database.drop();
		erp.stop();
	}
}

function* report(name: string, cost: Cost, bareSeconds: number | null): Iterable<Measurement> {
	const context = `${links} links, ${latencyMs} ms a call; ${JSON.stringify(cost.counts)}`;
	yield { name: `sync.${name}.calls.10k`, value: cost.calls / links, unit: 'calls/record', better: 'lower', context };
	yield {
		name: `sync.${name}.statements.10k`,
		value: cost.statements / links,
		unit: 'statements/record',
		better: 'lower',
		context
	};
	yield { name: `sync.${name}.rate.10k`, value: links / cost.seconds, unit: 'records/s', better: 'higher', context };
	if (bareSeconds === null) return;
	yield {
		name: `sync.${name}.ratio.10k`,
		value: bareSeconds / cost.seconds,
		unit: 'of the bare loop',
		better: 'higher',
		context
	};
}

async function setUp({ db }: Rig, erp: Erp): Promise<string> {
	const policy = {
		...defaultPolicy,
		ceilings: { ...defaultPolicy.ceilings, updates: { count: 10 * links, share: 1 } }
	};
	const [channel] = await db.execute<{ id: string }>(sql`
		insert into c_channel (name, connector, settings, credentials)
		values ('ERP', 'rest', ${JSON.stringify(erpSettings(erp.url))}::text::jsonb, ${JSON.stringify({ key: erp.key, token: erp.key })}::text::jsonb)
		returning id::text as id`);
	const channelId = channel?.id ?? '';
	await db.execute(sql`
		insert into c_channel_entity (c_channel_id, entity, policy, schedule, push_live, pull_live)
		values (${channelId}::bigint, 'product', ${JSON.stringify(policy)}::text::jsonb, ${JSON.stringify(defaultSchedule)}::text::jsonb, true, true)`);
	await db.execute(sql`
		insert into m_product (value, name, price, currency) select 'B-' || n, 'Product ' || n, 10, 'EUR' from generate_series(1, ${links}::int) n`);
	await db.execute(sql`
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id)
		select ${channelId}::bigint, id, substr(value, 3) from m_product`);
	await db.execute(sql`delete from sync_outbox`);
	await importRecords(erp, 'Product', '2026-01-01T00:00:00.000Z');
	return channelId;
}

async function importRecords(erp: Erp, word: string, updatedAt: string): Promise<void> {
	const products = Array.from({ length: links }, (_, index) => {
		const n = index + 1;
		return {
			id: String(n),
			sku: `B-${n}`,
			name: `${word} ${n}`,
			price: '10.00',
			currency: 'EUR',
			active: true,
			updated_at: updatedAt
		};
	});
	const reply = await fetch(new URL('/admin/import', erp.url), {
		method: 'PUT',
		headers: { authorization: `Bearer ${erp.key}`, 'content-type': 'application/json' },
		body: JSON.stringify({ products, partners: [] })
	});
	if (!reply.ok) throw new Error(`import: ${reply.status} ${await reply.text()}`);
}

type Item = { id: string; etag: string; price: string };

async function get(transport: Transport, erp: Erp, path: string): Promise<{ items: Item[]; next: string | null }> {
	const reply = await transport({
		method: 'GET',
		url: new URL(path, erp.url).href,
		headers: { authorization: `Bearer ${erp.key}` }
	});
	return JSON.parse(reply.text);
}

async function bareList(transport: Transport, erp: Erp): Promise<Item[]> {
	const items: Item[] = [];
	for (let next: string | null = ''; next !== null;) {
		const answer: { items: Item[]; next: string | null } = await get(
			transport,
			erp,
			`/products?limit=${page}${next && `&after=${encodeURIComponent(next)}`}`
		);
		items.push(...answer.items);
		next = answer.next;
	}
	return items;
}

async function bareRead(transport: Transport, erp: Erp, use: (items: Item[]) => Promise<void>): Promise<void> {
	for (let start = 1; start <= links; start += page) {
		const ids = Array.from({ length: page }, (_, index) => start + index).join(',');
		const { items } = await get(transport, erp, `/products?limit=${page}&ids=${ids}`);
		await use(items);
	}
}

async function barePull(transport: Transport, erp: Erp): Promise<void> {
	await bareList(transport, erp);
	await bareRead(transport, erp, async () => undefined);
}

async function barePush(transport: Transport, erp: Erp): Promise<void> {
	await bareRead(transport, erp, async (items) => {
		const waiting = [...items];
		const lane = async () => {
			for (let item = waiting.shift(); item; item = waiting.shift()) {
				const headers = {
					authorization: `Bearer ${erp.key}`,
					'content-type': 'application/json',
					'if-match': item.etag
				};
				const reply = await transport({
					method: 'PATCH',
					url: new URL(`/products/${item.id}`, erp.url).href,
					headers,
					body: JSON.stringify({ price: '12.00' })
				});
				if (reply.status !== 200) throw new Error(`PATCH: ${reply.status} ${reply.text}`);
			}
		};
		await Promise.all([lane(), lane(), lane(), lane()]);
	});
}
