import { sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import { connect, type Db, type Transaction } from '#src/db/client.ts';
import { rest } from '#src/engine/connectors/rest/index.ts';
import { defaultPolicy, defaultSchedule } from '#src/sync/policy.ts';
import { seededSettings, seededStamp } from './seeded-channel.ts';

/**
 * Process: fills a migrated database with links of plausible products to a paused channel "Seeded", in bulk. For every
 * hundred links one waits for a choice, two records on each side are unlinked, and one pair of those is suggested.
 * `--share N` makes that N times as many: a thousand links with a share of 11 fill the first page of every list.
 */
const linksAtOnce = 10_000;
const firstLinks = 500;
const analyzeEvery = 100_000;
const channelName = 'Seeded';
const settings = seededSettings('http://127.0.0.1:9');

const links = z.coerce
	.number()
	.int()
	.min(1)
	.max(10_000_000)
	.safeParse(argument('--links') ?? '100000');
const share = z.coerce
	.number()
	.int()
	.min(1)
	.max(40)
	.safeParse(argument('--share') ?? '1');
const databaseUrl = process.env['DATABASE_URL'];
if (!links.success) refuse('--links takes a whole number from 1 to 10,000,000');
if (!share.success) refuse('--share takes a whole number from 1 to 40');
if (!databaseUrl) refuse('DATABASE_URL is not set: start this through npm run seed');

const { db, close } = connect(databaseUrl, { max: 1, applicationName: 'channel-mapping seed' });
try {
	const channelId = await seededChannel(db);
	const start = await lastNumber(db);
	for (let done = 0; done < links.data;) {
		const upTo = Math.min(done === 0 ? firstLinks : done + linksAtOnce, links.data);
		const [from, to] = [start + done + 1, start + upTo];
		await db.transaction(async (tx) => {
			await insertLinks(tx, channelId, from, to);
			await insertConflicts(tx, channelId, from, to);
			await insertUnlinked(tx, channelId, from, to);
		});
		process.stderr.write(`\r${upTo} of ${links.data} links`);
		// Plans made for empty tables read them whole for each row.
		if (done <= firstLinks || upTo % analyzeEvery < linksAtOnce) await db.execute(sql`analyze`);
		done = upTo;
	}
	await db.execute(sql`analyze`);
	console.log(`\n${links.data} links to the channel "${channelName}" are in place`);
} finally {
	await close();
}

function refuse(why: string): never {
	console.error(why);
	process.exit(1);
}

/** Condition on the number `n`: of each `every` the one at this place, or as many after it as the share says. */
function shareOf(every: number, place: number): SQL {
	return sql`n % ${every} between ${place}::int and ${place + (share.data ?? 1) - 1}::int`;
}

function argument(name: string): string | undefined {
	const at = process.argv.indexOf(name);
	return at < 0 ? undefined : process.argv[at + 1];
}

/** Paused, since nothing answers at its address. */
async function seededChannel(database: Db): Promise<string> {
	await database.execute(sql`
		insert into c_channel (name, connector, settings, paused_at, paused_reason)
		values (${channelName}, 'rest', ${JSON.stringify(settings)}::text::jsonb, now(), 'person') on conflict (name) do nothing`);
	const [row] = await database.execute<{ id: string }>(
		sql`select id::text as id from c_channel where name = ${channelName}`
	);
	if (!row) throw new Error(`the channel "${channelName}" could not be made`);
	await database.execute(sql`
		insert into c_channel_entity (c_channel_id, entity, policy, schedule)
		values (${row.id}::bigint, 'product', ${JSON.stringify(defaultPolicy)}::text::jsonb, ${JSON.stringify(defaultSchedule)}::text::jsonb)
		on conflict do nothing`);
	return row.id;
}

/** The field table of the channel as its connector knows it: other links would go back to first contact. */
function fingerprint(): string {
	const transport = () => Promise.reject(new Error('a seeded channel is not asked'));
	const resource = rest.open({ settings, credentials: {}, transport, nowMs: () => 0 }).resource('product');
	if (!resource) throw new Error('the seeded channel has no products');
	return resource.fingerprint;
}

async function lastNumber(database: Db): Promise<number> {
	const [row] = await database.execute<{ n: number }>(
		sql`select coalesce(max(substr(value, 6)::int), 0) as n from m_product where value like 'SEED-%'`
	);
	return row?.n ?? 0;
}

/**
 * Records, what the channel showed of them, and links that agree, two in a hundred that do not. One statement for all: its
 * triggers then see each record linked, and do not put a million of them among the free ones to take them out again.
 */
async function insertLinks(tx: Transaction, channelId: string, from: number, to: number): Promise<void> {
	const numbers = sql`generate_series(${from}::int, ${to}::int) n`;
	await tx.execute(sql`
		with p as (
			${productsInserted(sql`'SEED-' || lpad(n::text, 7, '0')`, numbers)}
			returning id, rev, substr(value, 6)::int as n, jsonb_build_object('value', value, 'name', name, 'price', trim_scale(price)::text, 'is_active', is_active) as fields,
				array['value=' || match_code(value)] as keys
		), seen as (
			insert into c_channel_record (c_channel_id, entity, external_id, fields, version, stamp, match_keys)
			select ${channelId}::bigint, 'product', 'S' || n, fields, '"v1"', ${seededStamp}, keys from p
		)
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id, status, base_internal, base_external, internal_version,
			external_version, external_stamp, codec_fingerprint, dirty_seq, clean_seq, synced_at, problem)
		select ${channelId}::bigint, id, 'S' || n,
			case when ${shareOf(200, 0)} then 'quarantined' when n % 50 = 0 then 'pending' when ${shareOf(100, 3)} then 'conflict' else 'in-sync' end,
			fields, fields, rev::text, '"v1"', ${seededStamp}, ${fingerprint()}, 1, 1, now() - make_interval(mins => n % 1440),
			case when ${shareOf(200, 0)} then '{"kind":"rejected","message":"The name is too long.","hint":"Shorten it, then retry.","field":"name"}'::jsonb end
		from p`);
	await tx.execute(sql`delete from sync_outbox where entity = 'product' and rev = 1 and record_id in (
		select id from m_product where value between ${seedCode(from)} and ${seedCode(to)})`);
}

/** The price of one link in a hundred was changed on both sides. */
async function insertConflicts(tx: Transaction, channelId: string, from: number, to: number): Promise<void> {
	await tx.execute(sql`
		insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, field, base, internal, external, internal_rev, external_version, state, rule)
		select m.c_channel_id, 'product', m.id, p.id, m.external_product_id, 'price', to_jsonb((p.price - 1)::text), to_jsonb(p.price::text),
			to_jsonb((p.price + 1)::text), p.rev::text, '"v1"', 'open', 'ask: policy'
		from m_product p join c_channel_map_product m on m.m_product_id = p.id and m.c_channel_id = ${channelId}::bigint
		where p.value between ${seedCode(from)} and ${seedCode(to)} and m.status = 'conflict'`);
}

/** Two records on each side for every hundred links, and a suggestion between every second two. */
async function insertUnlinked(tx: Transaction, channelId: string, from: number, to: number): Promise<void> {
	const numbers = sql`(select n from generate_series(${from}::int, ${to}::int) n where ${shareOf(50, 7)}) n`;
	await tx.execute(productsInserted(sql`'FREE-' || lpad(n::text, 7, '0')`, numbers));
	await tx.execute(sql`delete from sync_outbox where entity = 'product' and rev = 1 and record_id in (
		select id from m_product where value between ${freeCode(from)} and ${freeCode(to)})`);
	await tx.execute(sql`
		insert into c_channel_record (c_channel_id, entity, external_id, fields, version, stamp, match_keys)
		select ${channelId}::bigint, 'product', 'F' || n, jsonb_build_object('value', 'OPEN-' || n, 'name', 'Open article ' || n, 'price', '9.5', 'is_active', true), '"v1"', ${seededStamp},
			array['value=' || match_code('OPEN-' || n)]
		from ${numbers}`);
	await tx.execute(sql`
		insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, score, evidence)
		select ${channelId}::bigint, 'product', id, 'F' || substr(value, 6)::int, 60 + id % 30,
			jsonb_build_array(jsonb_build_object('field', 'name', 'kind', 'alike', 'internal', name, 'external', 'Open article ' || substr(value, 6)::int, 'percent', 60 + id % 30))
		from (select *, substr(value, 6)::int as n from m_product where value between ${freeCode(from)} and ${freeCode(to)}) p where ${shareOf(100, 7)}`);
}

function productsInserted(code: SQL, numbers: SQL): SQL {
	return sql`
		insert into m_product (value, name, price, currency, is_active)
		select ${code},
			(array['Trail', 'Ridge', 'Fjord', 'Summit', 'Polar', 'Meadow', 'Storm', 'Harbour'])[1 + n % 8] || ' ' ||
			(array['tent', 'stove', 'lamp', 'rope', 'pack', 'boot', 'mug', 'axe', 'jacket', 'mat', 'filter'])[1 + n % 11] || ' ' || n,
			5 + (n * 37::bigint % 40000) / 100.0, 'EUR', n % 40 <> 0
		from ${numbers}`;
}

function seedCode(n: number): string {
	return `SEED-${String(n).padStart(7, '0')}`;
}

function freeCode(n: number): string {
	return `FREE-${String(n).padStart(7, '0')}`;
}
