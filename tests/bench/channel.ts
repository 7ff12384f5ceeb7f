import { sql } from 'drizzle-orm';
import { defaultPolicy } from '#src/sync/policy.ts';
import { benchConnectors } from './connectors.ts';
import type { Measurement } from './main.ts';
import { manyLinks } from './options.ts';
import { freshDatabase, performRun, seedLinks, startEngine, type Cost, type Rig } from './rig.ts';
import { connectSeeded, startSeededChannel } from './seeded-channel.ts';

const fewLinks = 10_000;
const changes = 100;

/**
 * What a channel is asked and what the database is told: by each connector for a record, and by the `rest` connector with pages of
 * 100 for a full comparison per record, and one cycle in which a hundred records changed on each side, at 10,000 links and at a million. The two
 * cycles cost the same where costs grow with changes and not with links.
 */
export async function* benchChannel(databaseUrl: string): AsyncIterable<Measurement> {
	yield* benchConnectors(databaseUrl);
	const few = await measure(databaseUrl, fewLinks);
	yield* few.measurements;
	const many = await measure(databaseUrl, manyLinks);
	yield* many.measurements;
	yield {
		name: 'channel.incremental.calls.ratio',
		value: many.cycle.calls / few.cycle.calls,
		unit: `of ${fewLinks} links`,
		better: 'lower',
		context: `${changes} changes on each side`
	};
}

async function measure(serverUrl: string, links: number): Promise<{ measurements: Measurement[]; cycle: Cost }> {
	const size = links >= 1_000_000 ? `${links / 1_000_000}m` : `${links / 1000}k`;
	const database = await freshDatabase(serverUrl);
	const channel = await startSeededChannel(links);
	const rig = startEngine(database.url);
	try {
		await seedLinks(database.url, links);
		const channelId = await goLive(rig, channel.url);
		const full = links <= fewLinks ? await performRun(rig, channelId, 'full') : null;
		const idle = await performRun(rig, channelId, 'incremental');
		await channel.changeFirst(changes);
		await changeOurs(rig);
		const cycle = await performRun(rig, channelId, 'incremental');
		const measurements = [
			...(full ? costs(`channel.full`, size, full, links) : []),
			...costs('channel.idle', size, idle, 1),
			...costs('channel.incremental', size, cycle, 1)
		];
		return { measurements, cycle };
	} finally {
		await rig.stop();
		await database.drop();
		channel.stop();
	}
}

/** Live both ways, with no ceiling in the way, last compared with the channel just now. */
async function goLive(rig: Rig, url: string): Promise<string> {
	const channelId = await connectSeeded(rig.db, url);
	const ceilings = { ...defaultPolicy.ceilings, updates: { count: 1_000_000, share: 1 } };
	await rig.db.execute(sql`
		update c_channel_entity set push_live = true, pull_live = true, cursor = cm_iso(now()), policy = jsonb_set(policy, '{ceilings}', ${JSON.stringify(ceilings)}::text::jsonb)
		where c_channel_id = ${channelId}::bigint`);
	await rig.db.execute(sql`delete from sync_outbox`);
	return channelId;
}

/** The last of our records that agree: others than those that change at the channel. */
async function changeOurs(rig: Rig): Promise<void> {
	await rig.db.execute(sql`
		update m_product set price = price + 1 where id in (
			select m_product_id from c_channel_map_product where status = 'in-sync' order by id desc limit ${changes})`);
}

function costs(name: string, size: string, cost: Cost, records: number): Measurement[] {
	const context = JSON.stringify(cost.counts);
	const per = records === 1 ? '' : '/record';
	return [
		{ name: `${name}.calls.${size}`, value: cost.calls / records, unit: `calls${per}`, better: 'lower', context },
		{
			name: `${name}.statements.${size}`,
			value: cost.statements / records,
			unit: `statements${per}`,
			better: 'lower',
			context
		},
		{ name: `${name}.seconds.${size}`, value: cost.seconds, unit: 's', better: 'lower', context }
	];
}
