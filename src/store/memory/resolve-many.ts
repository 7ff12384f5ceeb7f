import { nothingChosen, unknownEntity } from '../refusals.ts';
import { basesOf } from '../resolve-conflicts.ts';
import { auditOf, entryOf, judgeChoices, type ResolveManyInput, type ResolveManyResult } from '../resolve-many.ts';
import { entityIn, recordIn } from './custom-fields.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { closeConflicts, rebased } from './resolve-conflicts.ts';
import { updateLinkRows } from './link-triggers.ts';
import { stateDelta } from './state-delta.ts';
import { inIdOrder } from './table.ts';
import type { Tables } from './tables.ts';

/** `resolveMany` in memory. */
export function resolveMany(tables: Tables, input: ResolveManyInput): ResolveManyResult {
	const entity = entityIn(tables, input.entity);
	if (!entity) return unknownEntity(input.entity);
	if (input.rows.length === 0) return nothingChosen();
	const { links } = tables.of(entity.name);
	const named = input.rows.flatMap(({ conflictId }) => tables.conflicts.get(conflictId) ?? []);
	const open = named.filter((conflict) => conflict.entity === entity.name && conflict.state === 'open');
	const ours = [...new Set(open.map(({ linkId }) => linkId))].flatMap((id) => links.get(id) ?? []);
	const { plans, refused } = judgeChoices(entity, input.rows, {
		links: ours,
		records: ours.flatMap(({ internalId }) => recordIn(tables, entity, internalId) ?? []),
		open: inIdOrder(ours.flatMap(({ id }) => [...tables.openConflictsOfLink(entity.name, id)]))
	});
	const updates = plans.map(({ link, chosen, open }) => ({
		before: link,
		set: rebased(link, basesOf(entity, chosen), open)
	}));
	const moved = updateLinkRows(tables, entity.name, updates);
	const chosen = plans.flatMap((plan) => plan.chosen);
	closeConflicts(tables, chosen, input.actor.name);
	plans.forEach((plan, place) => {
		const { id: linkId, channelId, internalId, externalId, variantId } = plan.link;
		const about = { channelId, entity: entity.name, linkId, internalId, externalId, variantId };
		const linkState = stateDelta(plan.link, moved[place] ?? plan.link);
		writeJournal(tables, input, { ...about, action: 'resolve', ...entryOf(input, plan), linkState });
	});
	for (const entry of auditOf(entity, plans)) writeAudit(tables, input, entry);
	return { ok: true, resolved: chosen.length, refused };
}
