import { compareIds, inIdOrder } from './table.ts';
import type { PlannedItem, TakePlanInput } from '../plan.ts';
import { markDirty } from './link-triggers.ts';
import { linksById } from './request-sync.ts';
import type { Tables } from './tables.ts';

/** `takePlan` in memory. */
export function takePlan(tables: Tables, { planId, entity, afterId, limit }: TakePlanInput): PlannedItem[] {
	const items = inIdOrder(tables.itemsOfRun(planId))
		.filter((item) => compareIds(item.id, afterId) > 0 && item.plan !== null && !item.leftOut && item.linkId !== null)
		.slice(0, limit)
		.map(({ id, linkId, internalId, externalId, variantId, action, fields, plan }) => ({
			id,
			linkId,
			internalId,
			externalId,
			variantId,
			action,
			fields,
			plan
		})) as PlannedItem[];
	const ids = items.map(({ linkId }) => linkId);
	markDirty(tables, entity.name, linksById(tables, entity.name, ids), true);
	return items;
}
