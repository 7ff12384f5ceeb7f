import { entityNamed } from '#src/entities/registry.ts';
import { notByItself } from '../exclusions.ts';
import { sameTarget, unknownEntity, unknownLink } from '../refusals.ts';
import type { RepointLinkInput, RepointLinkResult } from '../repoint-link.ts';
import { deleteExclusions, exclusionsOf, insertExclusions } from './exclusions.ts';
import { heldBy } from './find-holder.ts';
import { leaveWaitingLists } from './leave-waiting-lists.ts';
import { checkExternal } from './link-records.ts';
import { updateLinkRows } from './link-triggers.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { sidesOutside } from './scope-of.ts';
import { stateDelta } from './state-delta.ts';
import type { LinkRow, Tables } from './tables.ts';
import { archiveLink, endOpenConflicts } from './unlink-records.ts';

/** `repointLink` in memory. */
export function repointLink(tables: Tables, input: RepointLinkInput): RepointLinkResult {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const link = tables.of(entity.name).links.get(input.linkId);
	if (!link) return unknownLink();
	const { channelId, internalId } = link;
	const to = { externalId: input.externalId, variantId: input.variantId };
	const target = { channelId, entity: entity.name, internalId, ...to };
	if (link.externalId === to.externalId && link.variantId === to.variantId) return sameTarget();
	const unknown = checkExternal(tables, entity, tables.channels.get(channelId)?.name ?? '', target);
	if (unknown) return unknown;
	const held = heldBy(tables, entity.name, { ...target, isPrimary: link.isPrimary }, link.id);
	if (held) return held;
	const exclusions = exclusionsOf(tables, target);
	const outside = sidesOutside(tables, target).filter((side) => side === 'external');
	const refused = input.override ? null : notByItself(exclusions, outside);
	if (refused) return refused;
	deleteExclusions(tables, exclusions);
	const historyId = archiveLink(tables, entity, link, { endedBy: input.actor.name, reason: 'repointed' });
	endOpenConflicts(tables, entity.name, link.id);
	const from = { externalId: link.externalId, variantId: link.variantId };
	const marks = { pair: true, internal: false, external: true, reason: 'repointed', createdBy: input.actor.name };
	insertExclusions(tables, { ...target, ...from }, marks);
	const [moved = link] = updateLinkRows(tables, entity.name, [{ before: link, set: { ...to, ...startedAnew(link) } }]);
	leaveWaitingLists(tables, target);
	const inputs = { historyId, from };
	const linkState = stateDelta(link, moved) ?? {};
	writeJournal(tables, input, { ...target, linkId: link.id, action: 'repoint', inputs, linkState });
	const detail = { ...inputs, to, internalId };
	writeAudit(tables, input, { action: 'repoint', object: `${entity.name}-link/${link.id}`, channelId, detail });
	return { ok: true, linkId: link.id };
}

function startedAnew(link: LinkRow): Partial<LinkRow> {
	return {
		status: 'pending',
		waiting: null,
		problem: null,
		baseInternal: null,
		baseExternal: null,
		unconfirmed: [],
		internalVersion: null,
		externalVersion: null,
		externalStamp: null,
		stampPassed: false,
		codecFingerprint: null,
		pendingWrite: null,
		tries: 0,
		retryAt: null,
		syncedAt: null,
		dirtySeq: link.dirtySeq + 1n,
		stateRev: link.stateRev + 1n
	};
}
