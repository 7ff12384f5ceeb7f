import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { seal } from '#src/db/seal.ts';
import { erpSettings } from '#src/demo/channels.ts';
import { defaultPolicy, type ChannelEntityPolicy } from '#src/sync/policy.ts';
import { erpKey } from './erp-process.ts';
import { secretKey } from './engine-process.ts';

export const channelName = 'ERP under test';
const neverReached = { count: 1_000_000_000, share: 1 };
/** The default rules; ceilings would rightly hold back an edit load of this size. */
const policy: ChannelEntityPolicy = {
	...defaultPolicy,
	ceilings: { creates: neverReached, deactivations: neverReached, updates: neverReached }
};

export const linkedSku = (n: number) => `LINK-${String(n).padStart(5, '0')}`;
const firstErpId = 10_000;
/** The ERP's id of a linked product. */
export const linkedErpId = (sku: string) => String(firstErpId + Number(sku.slice('LINK-'.length)));

/** The ERP's side of `links` products that agree with ours. */
export function erpProducts(links: number): { id: string; sku: string; name: string; price: string }[] {
	return Array.from({ length: links }, (_, n) => ({
		id: String(firstErpId + n),
		sku: linkedSku(n),
		name: `Product ${n}`,
		price: `${n}.50`,
		updated_at: '2026-01-01T00:00:00.000000Z'
	}));
}

/**
 * Our side: `links` linked products that agree, one channel live in both directions with auto-create both ways, a run
 * every 5 s, and the table in which the load writes down its edits in the transaction that makes them.
 */
export async function fillDatabase(db: Db, links: number, channelUrl: string): Promise<string> {
	const [channel] = await db.execute<{ id: string }>(sql`
		insert into c_channel (name, connector, settings) values (${channelName}, 'rest', ${JSON.stringify(erpSettings(channelUrl))}::text::jsonb)
		returning id::text as id`);
	const channelId = channel?.id ?? '';
	const credentials = JSON.stringify({ key: seal(secretKey, erpKey, channelId, 'key') });
	await db.transaction(async (tx) => {
		await tx.execute(
			sql`update c_channel set credentials = ${credentials}::text::jsonb where id = ${channelId}::bigint`
		);
		await tx.execute(sql`
			insert into m_product (value, name, price, currency)
			select 'LINK-' || lpad(n::text, 5, '0'), 'Product ' || n, n + 0.5, 'EUR' from generate_series(0, ${links}::int - 1) n`);
		await tx.execute(sql`delete from sync_outbox`);
		await tx.execute(sql`
			with p as (
				select id, (${firstErpId}::int + substr(value, 6)::int)::text as external,
					jsonb_build_object('value', value, 'name', name, 'description', null, 'gtin', null, 'price', price::text, 'currency', 'EUR', 'weight', null, 'is_active', true) as fields
				from m_product
			), seen as (
				insert into c_channel_record (c_channel_id, entity, external_id, fields, stamp)
				select ${channelId}::bigint, 'product', external, fields, '2026-01-01T00:00:00.000000Z' from p
			)
			insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id, status, base_internal, base_external, internal_version,
				external_stamp, dirty_seq, clean_seq, synced_at)
			select ${channelId}::bigint, id, external, 'in-sync', fields, fields, '1', '2026-01-01T00:00:00.000000Z', 1, 1, now() from p`);
		await tx.execute(sql`
			insert into c_channel_entity (c_channel_id, entity, push_live, pull_live, auto_create_external, auto_create_internal, policy, schedule, cursor, swept_at)
			values (${channelId}::bigint, 'product', true, true, true, true, ${JSON.stringify(policy)}::text::jsonb, '{"everySeconds":5}', cm_iso(now()), now())`);
		await tx.execute(sql`create schema driver`);
		await tx.execute(sql`
			create table driver.edit (seq bigserial primary key, at timestamptz not null default clock_timestamp(), sku text not null, field text not null,
				token text not null, seen text, made boolean not null)`);
	});
	await db.execute(sql`analyze m_product, c_channel_map_product, c_channel_record`);
	return channelId;
}
