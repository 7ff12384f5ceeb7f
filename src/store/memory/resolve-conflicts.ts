import type { LinkStateDelta } from '#src/db/schema/decisions.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import { changedMeanwhile, nothingChosen, ourRecordGone, unknownEntity, unknownLink } from '../refusals.ts';
import {
	basesOf,
	isFieldOf,
	resolutionOf,
	type Choice,
	type ResolveConflictsInput,
	type ResolveConflictsResult
} from '../resolve-conflicts.ts';
import { entityIn, recordIn } from './custom-fields.ts';
import { updateLinkRows } from './link-triggers.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { stateDelta } from './state-delta.ts';
import { inIdOrder } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';

/** `resolveConflicts` in memory. */
export function resolveConflicts(tables: Tables, input: ResolveConflictsInput): ResolveConflictsResult {
	const entity = entityIn(tables, input.entity);
	if (!entity) return unknownEntity(input.entity);
	if (Object.keys(input.choices).length === 0) return nothingChosen();
	const link = tables.of(entity.name).links.get(input.linkId);
	if (!link) return unknownLink();
	const record = recordIn(tables, entity, link.internalId);
	if (!record) return ourRecordGone('Unlink, or restore the record.');
	if (record.rev !== input.internalRev) return changedMeanwhile('Our record');
	if ((link.externalVersion ?? '') !== input.externalVersion) return changedMeanwhile("The channel's record");
	const open = inIdOrder(tables.openConflictsOfLink(entity.name, link.id));
	const chosen = open.flatMap(({ id, field, external }): Choice[] => {
		const winner = isFieldOf(entity, field) ? input.choices[field] : undefined;
		return winner ? [{ id, field, external, winner, internal: record.fields[field] ?? null }] : [];
	});
	if (chosen.length < Object.keys(input.choices).length) return changedMeanwhile('One of these conflicts');
	const linkState = rebase(tables, entity, link, chosen, open.length - chosen.length);
	closeConflicts(tables, chosen, input.actor.name);
	const { changes, inputs, detail } = resolutionOf(input, link, chosen);
	const { id: linkId, channelId, internalId, externalId, variantId } = link;
	const about = { channelId, entity: entity.name, linkId, internalId, externalId, variantId };
	writeJournal(tables, input, { ...about, action: 'resolve', inputs, changes, linkState });
	writeAudit(tables, input, { action: 'resolve', object: `${entity.name}-link/${linkId}`, channelId, detail });
	return { ok: true, linkId, resolved: chosen.length, open: open.length - chosen.length };
}

function rebase(
	tables: Tables,
	entity: Entity,
	link: LinkRow,
	chosen: readonly Choice[],
	open: number
): LinkStateDelta | null {
	const set = rebased(link, basesOf(entity, chosen), open);
	const [moved = link] = updateLinkRows(tables, entity.name, [{ before: link, set }]);
	return stateDelta(link, moved);
}

/** What choices make of a link's row; `open` conflicts are left. */
export function rebased(link: LinkRow, bases: { internal: Fields; external: Fields }, open: number): Partial<LinkRow> {
	return {
		baseInternal: { ...link.baseInternal, ...bases.internal },
		baseExternal: { ...link.baseExternal, ...bases.external },
		unconfirmed: link.unconfirmed.filter((field) => !Object.hasOwn(bases.external, field)),
		status: open === 0 ? 'pending' : 'conflict',
		problem: null,
		tries: 0,
		retryAt: null,
		dirtySeq: link.dirtySeq + 1n,
		stateRev: link.stateRev + 1n
	};
}

/** `closeConflicts` in memory. */
export function closeConflicts(tables: Tables, chosen: readonly Choice[], decidedBy: string): void {
	for (const { id, winner, internal } of chosen) {
		const conflict = tables.conflicts.get(id);
		if (!conflict) continue;
		const decided = { state: 'resolved', winner, internal, decidedBy, decidedAt: tables.now() };
		tables.conflicts.replace(conflict, { ...conflict, ...decided });
	}
}
