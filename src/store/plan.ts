import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { ItemPlan } from '#src/db/schema/runs.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from './link-state.ts';
import { retrying } from './transaction.ts';

export type TakePlanInput = {
	/** The preview run whose plan it is. */
	planId: string;
	entity: Entity;
	/** Items up to this one were taken; '0' = none. */
	afterId: string;
	limit: number;
};

/** One record of a plan that is to be carried out. */
export type PlannedItem = {
	id: string;
	linkId: string;
	internalId: string;
	externalId: string;
	variantId: string;
	action: string;
	fields: string[];
	plan: ItemPlan;
};

/** The next items of a plan that nobody left out, in their order; their links are marked to be decided anew. */
export async function takePlan(db: Db, input: TakePlanInput): Promise<PlannedItem[]> {
	const { map } = linkTable(input.entity);
	return retrying(db, async (tx) => {
		const items = await tx.execute<PlannedItem>(sql`
			select i.id::text as id, i.link_id::text as "linkId", i.internal_id::text as "internalId", i.external_id as "externalId",
				i.external_variant_id as "variantId", i.action, i.fields, i.plan
			from sync_item i where i.run_id = ${input.planId}::bigint and i.id > ${input.afterId}::bigint and i.plan is not null and not i.left_out
				and i.link_id is not null order by i.id limit ${input.limit}`);
		const linkIds = JSON.stringify(items.map(({ linkId }) => linkId));
		await tx.execute(sql`
			with locked as (
				select id from ${map} where id in (select value::bigint from jsonb_array_elements_text(${linkIds}::text::jsonb)) order by id for update
			)
			update ${map} m set dirty_seq = m.dirty_seq + 1, retry_at = null from locked where m.id = locked.id`);
		return [...items];
	});
}
