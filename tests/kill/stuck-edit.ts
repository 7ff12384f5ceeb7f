import { sql } from 'drizzle-orm';
import type { Side } from './edit-load.ts';
import { linkedErpId } from './fixture.ts';
import type { World } from './world.ts';

/** An edit that did not reach the other side. */
export type StuckEdit = { side: Side; sku: string; field: string; value: string | null };

/** All that the database and the ERP hold about the record of an edit that did not arrive. */
export async function stuckEvidence({ db, erp }: World, edit: StuckEdit): Promise<unknown> {
	const of = sql`(select id from m_product where value = ${edit.sku})`;
	const [state] = await db.execute(sql`
		select (select to_jsonb(p) from m_product p where p.id = ${of}) as ours,
			(select to_jsonb(m) from c_channel_map_product m where m.m_product_id = ${of}) as link,
			(select jsonb_agg(to_jsonb(x)) from c_channel_record x where x.external_id = ${linkedErpId(edit.sku)}) as seen,
			(select jsonb_agg(to_jsonb(o)) from sync_outbox o where o.record_id = ${of}) as outbox,
			(select jsonb_agg(to_jsonb(d) order by d.id) from sync_decision d where d.internal_id = ${of}) as journal,
			(select jsonb_agg(to_jsonb(e)) from c_channel_entity e) as entities,
			(select jsonb_agg(to_jsonb(r) order by r.id) from (select * from sync_run order by id desc limit 20) r) as runs,
			now() as now`);
	return { edit, theirs: await erp.read([linkedErpId(edit.sku)]), ...state };
}
