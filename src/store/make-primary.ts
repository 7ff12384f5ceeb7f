import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { LinkStateDelta } from '#src/db/schema/decisions.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { writeAudit, writeJournal } from './journal.ts';
import { linkTable, type LinkState } from './link-state.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import {
	conflictsOpen,
	primaryAlready,
	recordGoneThere,
	secondaryNotAllowed,
	unknownEntity,
	unknownLink
} from './refusals.ts';
import { secondaryAllowed } from './secondary-allowed.ts';
import { retrying } from './transaction.ts';
import { lockLink } from './unlink-records.ts';

export type MakePrimaryInput = Person & { entity: string; linkId: string };
export type MakePrimaryResult =
	{ ok: true; linkId: string; channelId: string; internalId: string; externalId: string } | Refusal;

/**
 * Makes a secondary link the one through which its record is received as well; the link that was it only sends from now
 * on. Both keep what they last agreed on and are compared anew. Refused while a person is asked about the present one.
 */
export async function makePrimary(db: Db, input: MakePrimaryInput): Promise<MakePrimaryResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	return retrying(db, (tx) => makeWithin(tx, entity, input));
}

async function makeWithin(tx: Transaction, entity: Entity, input: MakePrimaryInput): Promise<MakePrimaryResult> {
	const { map, internal } = linkTable(entity);
	// All of the record's links there, in id order: who becomes the primary one meanwhile is among them.
	const locked = await tx.execute<{ id: string; isPrimary: boolean; name: string }>(sql`
		select m.id::text as id, m.is_primary as "isPrimary", c.name from ${map} l
		join ${map} m on m.c_channel_id = l.c_channel_id and m.${internal} = l.${internal}
		join c_channel c on c.id = m.c_channel_id
		where l.id = ${input.linkId}::bigint order by m.id for update of m`);
	const [at] = locked;
	const link = at ? await lockLink(tx, entity, input.linkId) : null;
	if (!at || !link) return unknownLink();
	if (link.isPrimary) return primaryAlready();
	if (!(await secondaryAllowed(tx, link.channelId, entity.name))) return secondaryNotAllowed(at.name);
	if (link.status === 'orphan') return recordGoneThere(link.externalId, at.name);
	const primaryId = locked.find(({ isPrimary }) => isPrimary)?.id;
	const primary = primaryId === undefined ? null : await lockLink(tx, entity, primaryId);
	if (primary && Object.keys(primary.asked).length > 0) return conflictsOpen(primary.externalId, at.name);
	if (primary) await setPrimary(tx, entity, primary, { isPrimary: false, input, other: link.id });
	await setPrimary(tx, entity, link, { isPrimary: true, input, other: primary?.id ?? null });
	const { channelId, internalId, externalId, variantId } = link;
	const detail = {
		internalId,
		externalId,
		variantId,
		before: primary && { linkId: primary.id, externalId: primary.externalId }
	};
	await writeAudit(tx, input, { action: 'make-primary', object: `${entity.name}-link/${link.id}`, channelId, detail });
	return { ok: true, linkId: link.id, channelId, internalId, externalId };
}

async function setPrimary(
	tx: Transaction,
	entity: Entity,
	link: LinkState,
	{ isPrimary, input, other }: { isPrimary: boolean; input: MakePrimaryInput; other: string | null }
): Promise<void> {
	const { map } = linkTable(entity);
	const [row] = await tx.execute<{ linkState: LinkStateDelta | null }>(sql`
		with old as (select to_jsonb(m) as state from ${map} m where m.id = ${link.id}::bigint)
		update ${map} m set is_primary = ${isPrimary}, dirty_seq = m.dirty_seq + 1, state_rev = m.state_rev + 1, retry_at = null
		from old where m.id = ${link.id}::bigint returning cm_state_delta(old.state, to_jsonb(m)) as "linkState"`);
	const { channelId, internalId, externalId, variantId } = link;
	await writeJournal(tx, input, {
		channelId,
		entity: entity.name,
		linkId: link.id,
		internalId,
		externalId,
		variantId,
		action: isPrimary ? 'make-primary' : 'make-secondary',
		inputs: { otherLinkId: other },
		linkState: row?.linkState ?? {}
	});
}
