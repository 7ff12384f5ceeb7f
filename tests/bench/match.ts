import { sql } from 'drizzle-orm';
import type { Measurement } from './main.ts';
import { freshDatabase, performRun, seedLinks, startEngine, type Rig } from './rig.ts';
import { connectSeeded, startSeededChannel } from './seeded-channel.ts';

const records = Number(process.env['BENCH_RECORDS'] ?? '1000000');
const seededAtOnce = 50_000;

/**
 * A catalogue that nobody has linked yet: so many products on each side, all waiting to be matched. Of twenty, fifteen have
 * the same code, two spell it otherwise, one shares it with a second one (ambiguous), and two have no counterpart.
 */
export async function* benchMatch(databaseUrl: string): AsyncIterable<Measurement> {
	const database = await freshDatabase(databaseUrl);
	const channel = await startSeededChannel(1);
	const rig = startEngine(database.url);
	try {
		await seedLinks(database.url, 1);
		const channelId = await seedWaiting(rig, await connectSeeded(rig.db, channel.url));
		let highest = 0;
		const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 250);
		const before = process.memoryUsage().rss;
		const cost = await performRun(rig, channelId, 'incremental');
		clearInterval(watch);
		const context = JSON.stringify(await found(rig, channelId));
		const name = `match.${records / 1000}k`;
		yield { name: `${name}.seconds`, value: cost.seconds, unit: 's', better: 'lower', context };
		yield {
			name: `${name}.rate`,
			value: records / cost.seconds,
			unit: 'pairs of records/s',
			better: 'higher',
			context
		};
		yield {
			name: `${name}.statements`,
			value: cost.statements / records,
			unit: 'statements/record',
			better: 'lower',
			context
		};
		yield { name: `${name}.memory`, value: (highest - before) / 2 ** 20, unit: 'MB more', better: 'lower', context };
	} finally {
		await rig.stop();
		await database.drop();
		channel.stop();
	}
}

/** Written past the triggers, as a first import leaves it: every record of both sides is on the waiting list. */
async function seedWaiting({ db }: Rig, channelId: string): Promise<string> {
	await db.execute(sql`update c_channel_entity set cursor = cm_iso(now()) where c_channel_id = ${channelId}::bigint`);
	for (let from = 1; from <= records; from += seededAtOnce) {
		const to = Math.min(from + seededAtOnce - 1, records);
		await db.transaction(async (tx) => {
			await tx.execute(sql`set local session_replication_role = replica`);
			await tx.execute(sql`
				insert into m_product (value, name, price, currency)
				select 'AB-' || lpad(n::text, 7, '0'), 'Trail lamp number ' || n, 5 + n % 400, 'EUR'
				from generate_series(${from}::int, ${to}::int) n`);
			await tx.execute(sql`
				insert into c_channel_record (c_channel_id, entity, external_id, fields, version, stamp, match_keys)
				select ${channelId}::bigint, 'product', 'X' || n,
					jsonb_build_object('value', code, 'name', 'Trail lamp no. ' || n, 'price', (5 + n % 400)::text, 'is_active', true),
					'"v1"', '2026-01-01T00:00:00.000000Z', array['value=' || match_code(code)]
				from (select n, case when n % 20 < 15 then 'AB-' || lpad(n::text, 7, '0')
					when n % 20 < 17 then 'ab ' || lpad(n::text, 7, '0')
					when n % 20 = 17 then 'AB-' || lpad((n - 10)::text, 7, '0')
					else 'ZZ-' || n end as code from generate_series(${from}::int, ${to}::int) n) as codes`);
		});
	}
	await db.execute(sql`
		insert into sync_candidate (c_channel_id, entity, side, record_id)
		select ${channelId}::bigint, 'product', 'internal', id::text from m_product where value like 'AB-%' on conflict do nothing`);
	await db.execute(sql`
		insert into sync_candidate (c_channel_id, entity, side, record_id)
		select ${channelId}::bigint, 'product', 'external', external_id from c_channel_record
		where c_channel_id = ${channelId}::bigint and external_id like 'X%' on conflict do nothing`);
	await db.execute(sql`delete from sync_outbox`);
	await db.execute(sql`vacuum analyze`);
	return channelId;
}

async function found({ db }: Rig, channelId: string): Promise<Record<string, string>> {
	const [row] = await db.execute<Record<string, string>>(sql`
		select count(*)::text as suggestions, count(*) filter (where score = 100 and not ambiguous)::text as "exactAndUnique",
			count(*) filter (where ambiguous)::text as ambiguous,
			(select count(*)::text from sync_candidate where c_channel_id = ${channelId}::bigint) as "stillWaiting"
		from c_channel_suggestion where c_channel_id = ${channelId}::bigint`);
	return row ?? {};
}
