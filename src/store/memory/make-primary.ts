import { entityNamed } from '#src/entities/registry.ts';
import type { MakePrimaryInput, MakePrimaryResult } from '../make-primary.ts';
import {
	conflictsOpen,
	primaryAlready,
	recordGoneThere,
	secondaryNotAllowed,
	unknownEntity,
	unknownLink
} from '../refusals.ts';
import { updateLinkRows } from './link-triggers.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { stateDelta } from './state-delta.ts';
import type { LinkRow, Tables } from './tables.ts';

/** `makePrimary` in memory. */
export function makePrimary(tables: Tables, input: MakePrimaryInput): MakePrimaryResult {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const link = tables.of(entity.name).links.get(input.linkId);
	if (!link) return unknownLink();
	if (link.isPrimary) return primaryAlready();
	const { channelId, internalId, externalId, variantId } = link;
	const name = tables.channels.get(channelId)?.name ?? '';
	if (!tables.channelEntity(channelId, entity.name)?.allowSecondary) return secondaryNotAllowed(name);
	if (link.status === 'orphan') return recordGoneThere(externalId, name);
	const primary = tables.of(entity.name).primaryLink(channelId, internalId);
	const asked = primary && [...tables.openConflictsOfLink(entity.name, primary.id)].length > 0;
	if (primary && asked) return conflictsOpen(primary.externalId, name);
	if (primary) setPrimary(tables, entity.name, primary, { isPrimary: false, input, other: link.id });
	setPrimary(tables, entity.name, link, { isPrimary: true, input, other: primary?.id ?? null });
	const before = primary ? { linkId: primary.id, externalId: primary.externalId } : null;
	const detail = { internalId, externalId, variantId, before };
	writeAudit(tables, input, { action: 'make-primary', object: `${entity.name}-link/${link.id}`, channelId, detail });
	return { ok: true, linkId: link.id, channelId, internalId, externalId };
}

function setPrimary(
	tables: Tables,
	entity: string,
	link: LinkRow,
	{ isPrimary, input, other }: { isPrimary: boolean; input: MakePrimaryInput; other: string | null }
): void {
	const set = { isPrimary, dirtySeq: link.dirtySeq + 1n, stateRev: link.stateRev + 1n, retryAt: null };
	const [after = link] = updateLinkRows(tables, entity, [{ before: link, set }]);
	const { channelId, internalId, externalId, variantId } = link;
	const linkState = stateDelta(link, after) ?? {};
	writeJournal(tables, input, {
		channelId,
		entity,
		linkId: link.id,
		internalId,
		externalId,
		variantId,
		action: isPrimary ? 'make-primary' : 'make-secondary',
		inputs: { otherLinkId: other },
		linkState
	});
}
