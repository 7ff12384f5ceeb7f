import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { LinkStateDelta } from '#src/db/schema/decisions.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { deleteExclusions, exclusionsOf, insertExclusions, notByItself } from './exclusions.ts';
import { heldBy } from './find-holder.ts';
import { writeAudit, writeJournal } from './journal.ts';
import { leaveWaitingLists } from './leave-waiting-lists.ts';
import { checkExternal } from './link-records.ts';
import { linkTable, type LinkState } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import type { Person } from './person.ts';
import { isUniqueViolation } from './postgres-error.ts';
import { refusal, type Refusal } from './refusal.ts';
import { sameTarget, unknownEntity, unknownLink } from './refusals.ts';
import { sidesOutside } from './scope-of.ts';
import { retrying } from './transaction.ts';
import { archiveLink, endOpenConflicts, lockLink } from './unlink-records.ts';

export type RepointLinkInput = Person & {
	entity: string;
	linkId: string;
	/** The channel's record it should mean from now on. */
	externalId: string;
	variantId: string;
	override?: boolean;
};
export type RepointLinkResult = { ok: true; linkId: string } | Refusal;

/**
 * Makes a link mean another record of the same channel. It keeps its id and starts anew as at first contact; the old pair
 * ends as with `unlinkRecords`: automation keeps away from it and from the channel's old record.
 */
export async function repointLink(db: Db, input: RepointLinkInput): Promise<RepointLinkResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	try {
		return await retrying(db, (tx) => repointWithin(tx, entity, input));
	} catch (error) {
		if (!isUniqueViolation(error)) throw error;
		return retrying(db, async (tx) => {
			const link = await lockLink(tx, entity, input.linkId);
			const held = link && (await heldBy(tx, entity, { ...link, ...input }, link.id));
			return held ?? refusal('stale', 'Somebody linked that record at the same moment.', 'Try again.');
		});
	}
}

async function repointWithin(tx: Transaction, entity: Entity, input: RepointLinkInput): Promise<RepointLinkResult> {
	const [at] = await tx.execute<{ channelId: string; name: string }>(sql`
		select c.id::text as "channelId", c.name from ${linkTable(entity).map} m join c_channel c on c.id = m.c_channel_id where m.id = ${input.linkId}::bigint`);
	if (!at) return unknownLink();
	await lockCreates(tx, at.channelId, entity.name);
	const link = await lockLink(tx, entity, input.linkId);
	if (!link) return unknownLink();
	const target = {
		channelId: link.channelId,
		entity: entity.name,
		internalId: link.internalId,
		externalId: input.externalId,
		variantId: input.variantId
	};
	if (link.externalId === input.externalId && link.variantId === input.variantId) return sameTarget();
	const unknown = await checkExternal(tx, entity, at.name, target);
	if (unknown) return unknown;
	const held = await heldBy(tx, entity, { ...target, isPrimary: link.isPrimary }, link.id);
	if (held) return held;
	const exclusions = await exclusionsOf(tx, target);
	const outside = (await sidesOutside(tx, entity, target)).filter((side) => side === 'external');
	const refused = input.override ? null : notByItself(exclusions, outside);
	if (refused) return refused;
	await deleteExclusions(tx, exclusions);
	const historyId = await archiveLink(tx, entity, link, { endedBy: input.actor.name, reason: 'repointed' });
	await endOpenConflicts(tx, entity, link.id);
	const old = { ...link, entity: entity.name };
	await insertExclusions(tx, old, {
		pair: true,
		internal: false,
		external: true,
		reason: 'repointed',
		createdBy: input.actor.name
	});
	const linkState = await startAnew(tx, entity, link, input);
	await leaveWaitingLists(tx, target);
	const inputs = { historyId, from: { externalId: link.externalId, variantId: link.variantId } };
	await writeJournal(tx, input, { ...target, linkId: link.id, action: 'repoint', inputs, linkState });
	const detail = {
		...inputs,
		to: { externalId: input.externalId, variantId: input.variantId },
		internalId: link.internalId
	};
	await writeAudit(tx, input, {
		action: 'repoint',
		object: `${entity.name}-link/${link.id}`,
		channelId: link.channelId,
		detail
	});
	return { ok: true, linkId: link.id };
}

async function startAnew(
	tx: Transaction,
	entity: Entity,
	link: LinkState,
	to: RepointLinkInput
): Promise<LinkStateDelta> {
	const { map, external } = linkTable(entity);
	const [row] = await tx.execute<{ linkState: LinkStateDelta | null }>(sql`
		with old as (select to_jsonb(m) as state from ${map} m where m.id = ${link.id}::bigint)
		update ${map} m set ${external} = ${to.externalId}, external_variant_id = ${to.variantId}, status = 'pending', waiting = null, problem = null,
			base_internal = null, base_external = null, unconfirmed = '{}', internal_version = null, external_version = null, external_stamp = null,
			stamp_passed = false, codec_fingerprint = null, pending_write = null, tries = 0, retry_at = null, synced_at = null, dirty_seq = m.dirty_seq + 1, state_rev = m.state_rev + 1
		from old where m.id = ${link.id}::bigint returning cm_state_delta(old.state, to_jsonb(m)) as "linkState"`);
	return row?.linkState ?? {};
}
