import { sql } from 'drizzle-orm';
import { entityNamed } from '#src/entities/registry.ts';
import { readFirstContact } from '#src/mappings/first-contact.ts';
import { settleFirstContact } from '#src/store/settle-first-contact.ts';
import type { FirstContactRule } from '#src/sync/policy.ts';
import type { Measurement } from './main.ts';
import { freshDatabase, performRun, seedLinks, startEngine, timed, type Rig } from './rig.ts';
import { connectSeeded, startSeededChannel } from './seeded-channel.ts';

const links = 5_000;
/** SKU, name and price of every record of ours are others than the channel's. */
const choices: Readonly<Record<string, FirstContactRule>> = {
	value: 'internal-wins',
	name: 'external-wins',
	price: 'internal-wins'
};

/** How long 5,000 links that differ in three fields take from never compared to settled, the channel written to. */
export async function* benchFirstContact(databaseUrl: string): AsyncIterable<Measurement> {
	const database = await freshDatabase(databaseUrl);
	const channel = await startSeededChannel(links);
	const rig = startEngine(database.url);
	try {
		await seedLinks(database.url, links);
		const channelId = await connectSeeded(rig.db, channel.url);
		await neverCompared(rig);
		const context = `${links} links, 3 differing fields`;
		const of = (name: string, value: number, unit: string): Measurement => ({
			name: `web.first-contact.${name}`,
			value,
			unit,
			better: 'lower',
			context
		});
		yield of('compare', (await performRun(rig, channelId, 'full')).seconds, 's');
		const before = await asked(rig, channelId);
		yield of('settle', await timed(() => settle(rig, channelId)), 's');
		const run = await performRun(rig, channelId, 'incremental');
		yield of('carry-out', run.seconds, 's');
		const after = await asked(rig, channelId);
		yield of('counted', before, 'fields asked');
		yield of('left', after, 'fields asked');
		const settled = run.counts['merged'] ?? 0;
		yield of('not-as-counted', Math.abs(links - settled), `links, of ${JSON.stringify(run.counts)}`);
	} finally {
		await rig.stop();
		await database.drop();
		channel.stop();
	}
}

async function neverCompared({ db }: Rig): Promise<void> {
	await db.execute(sql`delete from sync_conflict`);
	await db.execute(sql`
		update c_channel_map_product set status = 'pending', base_internal = null, base_external = null, internal_version = null, external_version = null,
			external_stamp = null, codec_fingerprint = null, dirty_seq = 1, clean_seq = 0, synced_at = null, problem = null`);
	await db.execute(sql`
		update m_product set value = value || '-A', name = name || ' (ours)', price = price + 1 where value like 'SEED-%'`);
	await db.execute(sql`update c_channel_entity set push_live = true, pull_live = true`);
}

async function asked({ db }: Rig, channelId: string): Promise<number> {
	const [row] = await db.execute<{ n: number }>(
		sql`select count(*)::int as n from sync_conflict where c_channel_id = ${channelId}::bigint and state = 'open'`
	);
	return row?.n ?? 0;
}

/** As a person does it: the counts of the preview are what is confirmed. */
async function settle({ db }: Rig, channelId: string): Promise<void> {
	const product = entityNamed('product');
	if (!product) throw new Error('there are no products');
	const { fields } = await readFirstContact(db, product, { channelId, atMost: null });
	const counts = Object.fromEntries(
		fields.map(({ field, internalEmpty, externalEmpty, differing }) => [
			field,
			{ internalEmpty, externalEmpty, differing }
		])
	);
	const [row] = await db.execute<{ rev: number }>(
		sql`select settings_rev as rev from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = 'product'`
	);
	const settled = await settleFirstContact(db, {
		actor: { name: 'bench' },
		via: 'command',
		channelId,
		entity: 'product',
		settingsRev: Number(row?.rev ?? 0),
		choices,
		counts
	});
	if (!settled.ok) throw new Error(`settling was refused: ${JSON.stringify(settled)}`);
}
