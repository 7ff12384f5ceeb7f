import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { LinkStateDelta } from '#src/db/schema/decisions.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { deleteExclusions, exclusionsOf, notByItself } from './exclusions.ts';
import { heldBy } from './find-holder.ts';
import { writeAudit, writeJournal } from './journal.ts';
import { leaveWaitingLists } from './leave-waiting-lists.ts';
import { linkTable } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import {
	intentOpen,
	notCarried,
	nothingToLink,
	secondaryNotAllowed,
	unknownChannel,
	unknownEntity,
	unknownExternal
} from './refusals.ts';
import { overriddenBy, sidesOutside } from './scope-of.ts';
import { secondaryAllowed } from './secondary-allowed.ts';
import { retrying } from './transaction.ts';

export type LinkRecordsInput = Person & {
	channelId: string;
	entity: string;
	internalId: string;
	externalId: string;
	variantId: string;
	/** true if not given; secondary links only where the channel allows them. */
	isPrimary?: boolean;
	/** Link although a person set the pair or one of the two aside, which takes those marks away, or one is out of scope. */
	override?: boolean;
};

export type LinkRecordsResult = { ok: true; linkId: string } | Refusal;

/** Links one of our records to one of the channel's. The first run afterwards compares the two and overwrites nothing. */
export async function linkRecords(db: Db, input: LinkRecordsInput): Promise<LinkRecordsResult> {
	return retrying(db, (tx) => linkWithin(tx, input));
}

/** `linkRecords` as part of a larger transaction. Nothing is written where it refuses. `because` goes to the journal. */
export async function linkWithin(
	tx: Transaction,
	input: LinkRecordsInput,
	because: Record<string, unknown> = {}
): Promise<LinkRecordsResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const isPrimary = input.isPrimary ?? true;
	const missing = await checkSides(tx, entity, { ...input, isPrimary });
	if (missing) return missing;
	const exclusions = await exclusionsOf(tx, input);
	const outside = await sidesOutside(tx, entity, input);
	const refused = input.override ? null : notByItself(exclusions, outside);
	// A pair that is linked already is the more useful answer.
	if (refused) return (await heldBy(tx, entity, { ...input, isPrimary })) ?? refused;
	const { map, internal, external } = linkTable(entity);
	const [link] = await tx.execute<{ id: string; linkState: LinkStateDelta }>(sql`
		insert into ${map} as m (c_channel_id, ${internal}, ${external}, external_variant_id, is_primary)
		values (${input.channelId}::bigint, ${input.internalId}::bigint, ${input.externalId}, ${input.variantId}, ${isPrimary})
		on conflict do nothing returning id::text as id, cm_state_began(to_jsonb(m)) as "linkState"`);
	if (!link) return (await heldBy(tx, entity, { ...input, isPrimary })) ?? linkWithin(tx, input, because);
	await deleteExclusions(tx, exclusions);
	await tx.execute(sql`
		delete from sync_intent where c_channel_id = ${input.channelId}::bigint and entity = ${entity.name} and internal_id = ${input.internalId}::bigint and state = 'problem'`);
	await leaveWaitingLists(tx, input);
	const about = {
		channelId: input.channelId,
		internalId: input.internalId,
		externalId: input.externalId,
		variantId: input.variantId
	};
	const inputs = { isPrimary, overridden: overriddenBy(exclusions, outside) };
	const { id: linkId, linkState } = link;
	const why = { ...inputs, ...because };
	await writeJournal(tx, input, { ...about, entity: entity.name, linkId, action: 'link', inputs: why, linkState });
	const object = `${entity.name}-link/${linkId}`;
	await writeAudit(tx, input, { action: 'link', object, channelId: input.channelId, detail: { ...about, ...inputs } });
	return { ok: true, linkId };
}

/** Channel, both records and creates under way; our record stays there until the transaction ends. */
async function checkSides(
	tx: Transaction,
	entity: Entity,
	input: LinkRecordsInput & { isPrimary: boolean }
): Promise<Refusal | null> {
	const [channel] = await tx.execute<{ name: string; carries: boolean }>(sql`
		select c.name, e.entity is not null as carries
		from c_channel c left join c_channel_entity e on e.c_channel_id = c.id and e.entity = ${entity.name} where c.id = ${input.channelId}::bigint`);
	if (!channel) return unknownChannel(input.channelId);
	if (!channel.carries) return notCarried(channel.name, entity);
	if (!input.isPrimary && !(await secondaryAllowed(tx, input.channelId, entity.name)))
		return secondaryNotAllowed(channel.name);
	await lockCreates(tx, input.channelId, entity.name);
	const [record] = await tx.execute(sql`
		select id from ${sql.identifier(entity.recordTable)} where id = ${input.internalId}::bigint for key share`);
	if (!record) return nothingToLink();
	const external = await checkExternal(tx, entity, channel.name, input);
	if (external) return external;
	const [intent] = await tx.execute<{ state: string }>(sql`
		select state from sync_intent where c_channel_id = ${input.channelId}::bigint and entity = ${entity.name} and internal_id = ${input.internalId}::bigint for update`);
	return intent?.state === 'open' ? intentOpen(`in ${channel.name}`) : null;
}

/**
 * Refuses where no scan or search saw this record at the channel, its absence was confirmed, or it carries the reference of
 * a create of ours that is not confirmed yet: it belongs to that record.
 */
export async function checkExternal(
	tx: Transaction,
	entity: Entity,
	channelName: string,
	{ channelId, externalId, variantId }: { channelId: string; externalId: string; variantId: string }
): Promise<Refusal | null> {
	const [seen] = await tx.execute<{ gone: boolean; awaited: boolean }>(sql`
		select r.deleted_at is not null as gone, exists (
			select 1 from sync_intent t where t.c_channel_id = r.c_channel_id and t.entity = r.entity and t.reference = r.reference and t.state = 'open'
		) as awaited from c_channel_record r where c_channel_id = ${channelId}::bigint and entity = ${entity.name}
			and external_id = ${externalId} and external_variant_id = ${variantId}`);
	if (!seen || seen.gone) return unknownExternal(entity, channelName, externalId, seen !== undefined);
	return seen.awaited ? intentOpen(`in ${channelName}`) : null;
}
