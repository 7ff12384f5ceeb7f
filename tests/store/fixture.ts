import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import type { VirtualClockDatabase } from './virtual-clock-database.ts';
import { defaultPolicy } from '#src/sync/policy.ts';

/** When the fixture was made. The connections of a test live a few seconds later. */
export const fixtureTime = '2026-06-01 12:00:00.123456+00';

const policy = JSON.stringify({
	...defaultPolicy,
	ceilings: {
		creates: { count: 3, share: 0 },
		deactivations: { count: 1, share: 0 },
		updates: { count: 4, share: 0 }
	}
});

/** `state_rev` of the links of the fixture, by id. */
export const fixtureRevs: ReadonlyMap<string, string> = new Map([
	['1', '1'],
	['2', '1'],
	['3', '2'],
	['4', '1'],
	['5', '1']
]);

const fields = (code: string, price: string) => ({ value: code, name: `Name of ${code}`, price });
const json = (value: unknown) => `'${JSON.stringify(value)}'`;
const settled = (code: string, price: string) =>
	`base_internal = ${json(fields(code, `${price}.000000`))}, base_external = ${json(fields(code, price))}, internal_version = '1',
	external_version = 'v1', external_stamp = '2026-06-01T11:00:00Z', codec_fingerprint = 'f1'`;

/**
 * A channel with both entities (a second one has two runs that wait and nothing else), and on it a record in every state that verbs tell apart:
 *
 *     P1 = E1 in sync, a hint waits      P2 = E2 a person is asked     P3 = E3 claimed, a write is pending
 *     P4 = E4 set aside                  P5 ~ E5 suggested             P6 create sent       P7 create in trouble
 *     P8 ~ E8 waiting to be matched      P9 excluded                   P10, E10 unlinked    P11 = E11 dirty
 *     P12 create not sent yet            E12 waiting to be imported    E13 gone
 *     P1 ~ E14 and P2 ~ E15 by secondary links   P13 its E16 is gone   X4 its partner of ours is gone
 */
const fixture = [
	`insert into c_channel (name, connector, settings, credentials, problem) values ('ERP', 'memory', '{"a":1}', '{"key":"sealed"}',
		'{"kind":"unauthorized","message":"no","hint":"new key","at":"2026-06-01T11:00:00.000000Z"}')`,
	`insert into c_channel (name, connector) values ('Other', 'memory')`,
	`insert into c_channel_entity (c_channel_id, entity, policy, schedule, push_live, pull_live, auto_create_external, allow_secondary, cursor, failures, fingerprint)
	values (1, 'product', '${policy}', '{"everySeconds":5}', true, true, true, true, '2026-06-01T11:00:00Z', 1, 'f1'),
		(1, 'business-partner', '${policy}', '{"everySeconds":5}', false, false, false, false, null, 0, null)`,
	`insert into m_product (value, name, price, attributes) select 'P' || n, 'Name of P' || n, n, case n when 3 then '{"colour":"blue"}' else '{}' end::jsonb
	from generate_series(1, 12) n`,
	`insert into sync_custom_field (entity, name, label, type, position, created_by, removed_at) values
		('product', 'colour', 'Colour', 'text', 1, 'ann@example.org', null), ('product', 'width', 'Width', 'decimal', 2, 'ann@example.org', null),
		('product', 'finish', 'Finish', 'text', 3, 'ann@example.org', now())`,
	`insert into c_bpartner (value, name, email) select 'B' || n, 'Partner ' || n, 'b' || n || '@example.org' from generate_series(1, 3) n`,
	`insert into c_channel_record (c_channel_id, entity, external_id, fields, version, stamp, match_keys, seen_at)
	select 1, 'product', 'E' || n, jsonb_build_object('value', 'P' || n, 'name', 'Name of P' || n, 'price', n::text), 'v1', '2026-06-01T11:00:00Z',
		array['value=p' || n], now() - interval '1 hour'
	from generate_series(1, 13) n where n not in (6, 7, 9)`,
	`update c_channel_record set deleted_at = now() where external_id = 'E13'`,
	`insert into c_channel_record (c_channel_id, entity, external_id, fields, version, match_keys)
	select 1, 'business-partner', 'X' || n, jsonb_build_object('value', 'B' || n, 'name', 'Partner ' || n), 'v1', array['value=b' || n] from generate_series(1, 3) n`,
	`insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id)
	select 1, n, 'E' || n from unnest(array[1, 2, 3, 4, 11]) n`,
	`insert into c_channel_map_bpartner (c_channel_id, c_bpartner_id, external_bpartner_id) values (1, 1, 'X1')`,
	`update c_channel_map_product set status = 'in-sync', clean_seq = 1, ${settled('P1', '1')} where id = 1`,
	`update c_channel_map_product set status = 'conflict', clean_seq = 1, ${settled('P2', '5')} where id = 2`,
	`update c_channel_map_product set ${settled('P3', '9')}, claimed_by = 'worker', claimed_until = now() + interval '1 minute', state_rev = 2,
		pending_write = '{"attempts":[{"tag":"t1","external":{"price":"3"},"internal":{"price":"3.000000"}}]}' where id = 3`,
	`update c_channel_map_product set status = 'quarantined', tries = 5, clean_seq = 1, ${settled('P4', '4')},
		problem = '{"kind":"rejected","message":"no such unit","hint":"change the unit"}' where id = 4`,
	`update c_channel_map_product set ${settled('P11', '10')} where id = 5`,
	`insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, field, base, internal, external, internal_rev, external_version, state, rule, winner, decided_by, decided_at)
	values (1, 'product', 2, 2, 'E2', 'price', '"5"', '"2.000000"', '"7"', '1', 'v1', 'open', 'ask', null, null, null),
		(1, 'product', 2, 2, 'E2', 'name', '"a"', '"b"', '"c"', '1', 'v1', 'open', 'first-contact: ask', null, null, null),
		(1, 'product', 1, 1, 'E1', 'name', '"Old"', '"Name of P1"', '"Theirs"', '1', 'v1', 'settled', 'internal-wins', 'internal', 'engine', now())`,
	`insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, score, evidence) values
		(1, 'product', 5, 'E5', 100, '[{"field":"value","kind":"equal","internal":"P5","external":"E5"}]'),
		(1, 'product', 5, 'E12', 70, '[]')`,
	`insert into sync_intent (c_channel_id, entity, internal_id, reference, fields, internal_rev, state, tries, sent_at, claimed_by, claimed_until, problem) values
		(1, 'product', 6, 'cm-simkey-product-6', ${json(fields('P6', '6'))}, '1', 'open', 1, now() - interval '1 minute', 'worker', now() + interval '1 minute', null),
		(1, 'product', 7, 'cm-simkey-product-7', ${json(fields('P7', '7'))}, '1', 'problem', 5, now() - interval '1 hour', null, null, '{"kind":"rejected","message":"m","hint":"h"}'),
		(1, 'product', 12, 'cm-simkey-product-12', ${json(fields('P12', '12'))}, '1', 'open', 0, null, null, null, null)`,
	`insert into sync_candidate (c_channel_id, entity, side, record_id) values
		(1, 'product', 'internal', '8'), (1, 'product', 'external', 'E8'), (1, 'product', 'external', 'E12'), (1, 'business-partner', 'internal', '2')`,
	`insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, external_id, reason, created_by) values
		(1, 'product', 'record', 9, null, 'not ours', 'ann@example.org'),
		(1, 'product', 'pair', 10, 'E10', 'unlinked', 'ann@example.org'),
		(1, 'product', 'record', 10, null, 'unlinked', 'ann@example.org'),
		(1, 'product', 'record', null, 'E10', 'unlinked', 'ann@example.org')`,
	`insert into c_channel_map_product (id, c_channel_id, m_product_id, external_product_id, status) values (6, 1, 10, 'E10', 'in-sync')`,
	`insert into link_history (entity, link_id, c_channel_id, internal_id, external_id, external_variant_id, "row", ended_by)
	select 'product', 6, 1, 10, 'E10', '', to_jsonb(m), 'ann@example.org' from c_channel_map_product m where id = 6`,
	`delete from c_channel_map_product where id = 6`,
	`insert into c_channel_map_product (id, c_channel_id, m_product_id, external_product_id, is_primary) values (8, 1, 1, 'E14', false), (9, 1, 2, 'E15', false)`,
	`insert into sync_run (c_channel_id, entity, mode, started_by, state, phase, heartbeat_at, started_at, queued_at, ended_at) values
		(1, 'product', 'incremental', 'schedule', 'running', 'links', now(), now() - interval '1 minute', now() - interval '1 minute', null),
		(1, 'product', 'full', 'schedule', 'queued', null, null, null, now() - interval '10 seconds', null),
		(1, 'product', 'incremental', 'schedule', 'succeeded', null, now() - interval '3 days', now() - interval '3 days', now() - interval '3 days', now() - interval '3 days'),
		(1, 'business-partner', 'incremental', 'schedule', 'running', 'scan', now() - interval '2 minutes', now() - interval '3 minutes', now() - interval '3 minutes', null),
		(1, 'business-partner', 'full', 'ann@example.org', 'queued', null, null, null, now() - interval '10 seconds', null),
		(2, 'product', 'full', 'ann@example.org', 'queued', null, null, null, now() - interval '9 seconds', null),
		(2, 'product', 'incremental', 'schedule', 'queued', null, null, null, now() - interval '9 seconds', null),
		(1, 'business-partner', 'hinted', 'webhook', 'queued', null, null, null, now() - interval '1 second', null)`,
	`insert into sync_run (c_channel_id, entity, mode, started_by, state, started_at, ended_at, plan_id) values
		(1, 'product', 'preview', 'ann@example.org', 'succeeded', now(), now(), null), (1, 'product', 'apply', 'ann@example.org', 'partial', now(), now(), 9)`,
	`insert into sync_item (run_id, link_id, internal_id, external_id, action, outcome, fields, plan, left_out) select 9, n, n, 'E' || n, 'push', 'skipped', '{price}',
		'{"changes":[{"field":"price","side":"external","before":"1","after":"2"}],"internalRev":"1","externalVersion":"v1"}', n = 2 from generate_series(1, 3) n`,
	`insert into sync_batch (run_id, phase, counts) values (1, 'scan', '{"scanned":12,"changed":1}'), (3, 'scan', '{"scanned":12}')`,
	`insert into sync_item (run_id, link_id, internal_id, external_id, action, outcome, fields) values (1, 1, 1, 'E1', 'push', 'pushed', '{price}')`,
	`insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, run_id, actor, action, changes)
	values (1, 'product', 1, 1, 'E1', 1, 'engine', 'push', '[{"field":"price","side":"external","before":"0","after":"1","rule":"internal-changed"}]')`,
	`insert into sync_hold (c_channel_id, entity, kind, run_id, waiting, "limit") values (1, 'product', 'updates', 1, 2, 4), (1, 'product', 'creates', 1, 3, 3),
		(1, 'product', 'absences', 2, 9, 1)`,
	`insert into sync_ceiling (c_channel_id, entity, kind, hour, used) values
		(1, 'product', 'updates', date_trunc('hour', now()), 3), (1, 'product', 'creates', date_trunc('hour', now()), 2),
		(1, 'product', 'creates', date_trunc('hour', now()) - interval '3 days', 9)`,
	`insert into c_channel_webhook (c_channel_id, secret, changed_by) values (1, 'sealed', 'ann@example.org')`,
	`insert into c_channel_value (c_channel_id, value_table, ours, theirs, created_by) values (1, 'money', 'EUR', 'CUR-1', 'ann@example.org')`,
	`insert into sync_awaiting (c_channel_id, entity, owner, owner_id, field, to_entity, side, ref_id, problem)
	values (1, 'product', 'link', '1', 'currency', 'value:money', 'external', 'CUR-7', '{"kind":"unmapped-value","message":"m","hint":"h"}')`,
	`insert into sync_webhook (c_channel_id, hook_id, received_at) values (1, 'hook-1', now() - interval '1 minute'), (1, 'hook-0', now() - interval '2 hours')`,
	`insert into sync_hint (c_channel_id, entity, external_id) values (1, 'product', 'E1'), (1, 'product', 'E12'), (1, 'product', 'E10'),
		(1, 'business-partner', 'X1')`,
	`insert into api_token (name, role, token_hash) values ('program', 'viewer', 'hash of a token')`,
	`insert into m_product (id, value, name, price) values (13, 'P13', 'Name of P13', 13)`,
	`insert into c_channel_map_product (id, c_channel_id, m_product_id, external_product_id, status, clean_seq, problem)
	values (10, 1, 13, 'E16', 'orphan', 1, '{"kind":"missing-external","message":"m","hint":"h"}')`,
	`insert into c_bpartner (id, value, name) values (4, 'B4', 'Partner 4')`,
	`insert into c_channel_map_bpartner (id, c_channel_id, c_bpartner_id, external_bpartner_id) values (2, 1, 4, 'X4')`,
	`delete from c_bpartner where id = 4`,
	`delete from sync_decision where action = 'orphan'`,
	`delete from sync_outbox where not (entity = 'product' and record_id in (1, 8))`
];

/** Ids handed out after the fixture have ten digits: nobody takes them for anything else. The table is in the first ones. */
const firstNewId = 7_000_000_001n;
const idsPerTable = 10_000_000n;

/** A way back to the fixture in one statement; `restored`: SQL for the transaction that went it last. */
export type Fixture = { restore(): Promise<void>; restored: string; close(): Promise<void> };

/** Fills an empty database, and keeps a copy of it aside. Close it before the database. */
export async function prepareFixture({ db, url }: VirtualClockDatabase): Promise<Fixture> {
	await db.execute(sql`select set_config('sim.now', ${fixtureTime}, false)`);
	for (const statement of fixture) await db.execute(sql.raw(statement));
	const tables = await db.execute<{ name: string; sequence: string | null }>(sql`
		select c.relname as name, (
			select quote_literal(s.oid::regclass::text) from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
			where d.refobjid = c.oid and d.classid = 'pg_class'::regclass limit 1
		) as sequence
		from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`);
	await db.execute(sql.raw('create schema kept; create table kept.state as select 0::bigint as restored'));
	const steps: string[] = [];
	for (const [index, { name, sequence }] of tables.entries()) {
		await db.execute(sql.raw(`create table kept."${name}" as table public."${name}"`));
		steps.push(`if exists (select from public."${name}" where xmin::text::bigint > last)
			or (select count(*) from public."${name}") <> (select count(*) from kept."${name}") then
			delete from public."${name}"; insert into public."${name}" select * from kept."${name}"; end if;`);
		if (sequence !== null)
			steps.push(`perform setval(${sequence}, ${firstNewId + BigInt(index) * idsPerTable}, false);`);
	}
	await db.execute(
		sql.raw(`create function kept.restore() returns void language plpgsql as $$
			declare last bigint; begin
			-- A row that has not been written since then is as it was.
			select restored into last from kept.state;
			${steps.join('\n')}
			update kept.state set restored = pg_current_xact_id()::text::bigint; end $$`)
	);
	// Without triggers, on a connection of its own: to turn them off and on would throw all plans away, each time.
	const client = postgres(url, { max: 1, connection: { session_replication_role: 'replica' } });
	let restored = 0;
	return {
		restore: async () => {
			await client`select kept.restore()`;
			if (++restored % 200 === 0) await client`vacuum`;
		},
		restored: 'select restored from kept.state',
		close: () => client.end()
	};
}
