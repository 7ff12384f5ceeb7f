import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { writeAudit, writeJournal } from './journal.ts';
import { joinWaitingLists, leaveWaitingLists } from './leave-waiting-lists.ts';
import { linkTable } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import {
	excludedWhereNotCarried,
	exclusionGone,
	linkedNotExcluded,
	nothingToExclude,
	unknownEntity
} from './refusals.ts';
import { retrying } from './transaction.ts';

/** One of our records, or one of the channel's. */
export type ExcludeRecordInput = Person & { channelId: string; entity: string; reason: string } & (
		{ internalId: string } | { externalId: string; variantId: string }
	);
export type ExcludeRecordResult = { ok: true; exclusionId: string } | Refusal;

type OneRecord = {
	channelId: string;
	entity: string;
	internalId: string | null;
	externalId: string | null;
	variantId: string;
};

/** Sets a record aside: nothing is suggested, linked or created for it until a person says otherwise. */
export async function excludeRecord(db: Db, input: ExcludeRecordInput): Promise<ExcludeRecordResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const record: OneRecord = {
		channelId: input.channelId,
		entity: entity.name,
		internalId: 'internalId' in input ? input.internalId : null,
		externalId: 'externalId' in input ? input.externalId : null,
		variantId: 'externalId' in input ? input.variantId : ''
	};
	return retrying(db, async (tx) => {
		await lockCreates(tx, record.channelId, entity.name);
		const refused = await checkRecord(tx, entity, record);
		if (refused) return refused;
		const exclusionId = await insertOnce(tx, record, input.reason, input.actor.name);
		await leaveWaitingLists(tx, record);
		// Nobody has to link what a record needs that takes no part.
		const { internalId, externalId, variantId } = record;
		await tx.execute(sql`
			delete from sync_awaiting where c_channel_id = ${record.channelId}::bigint and entity = ${entity.name}
				and ((owner = 'internal' and owner_id = ${internalId}::text)
					or (owner = 'external' and owner_id = ${externalId}::text and external_variant_id = ${variantId}))`);
		await writeJournal(tx, input, { ...record, linkId: null, action: 'exclude', inputs: { reason: input.reason } });
		const { channelId, ...detail } = record;
		await writeAudit(tx, input, {
			action: 'exclude',
			object: `exclusion/${exclusionId}`,
			channelId,
			detail: { ...detail, reason: input.reason }
		});
		return { ok: true, exclusionId };
	});
}

async function checkRecord(tx: Transaction, entity: Entity, record: OneRecord): Promise<Refusal | null> {
	const { map, internal, external } = linkTable(entity);
	const [found] = await tx.execute<{ channel: boolean; exists: boolean; linkId: string | null }>(sql`
		select exists (select 1 from c_channel_entity where c_channel_id = ${record.channelId}::bigint and entity = ${entity.name}) as channel,
			exists (select 1 from ${sql.identifier(entity.recordTable)} where id = ${record.internalId}::bigint)
				or exists (select 1 from c_channel_record where c_channel_id = ${record.channelId}::bigint and entity = ${entity.name}
					and external_id = ${record.externalId} and external_variant_id = ${record.variantId}) as exists,
			(select m.id::text from ${map} m where m.c_channel_id = ${record.channelId}::bigint and (m.${internal} = ${record.internalId}::bigint
				or (m.${external} = ${record.externalId} and m.external_variant_id = ${record.variantId})) limit 1) as "linkId"`);
	if (!found?.channel) return excludedWhereNotCarried();
	if (!found.exists) return nothingToExclude(record.internalId === null ? 'external' : 'internal');
	return found.linkId === null ? null : linkedNotExcluded();
}

async function insertOnce(tx: Transaction, record: OneRecord, reason: string, createdBy: string): Promise<string> {
	// Either index of exclusions leaves out the rows without its record: an id that may be null would find neither.
	const one =
		record.internalId === null
			? sql`internal_id is null and external_id = ${record.externalId}`
			: sql`internal_id = ${record.internalId}::bigint and external_id is null`;
	const same = sql`c_channel_id = ${record.channelId}::bigint and entity = ${record.entity} and kind = 'record'
		and ${one} and external_variant_id = ${record.variantId}`;
	const [row] = await tx.execute<{ id: string }>(sql`
		with there as (update c_channel_exclusion set reason = ${reason}, created_by = ${createdBy}, created_at = now() where ${same} returning id),
		added as (
			insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, external_id, external_variant_id, reason, created_by)
			select ${record.channelId}::bigint, ${record.entity}, 'record', ${record.internalId}::bigint, ${record.externalId}, ${record.variantId}, ${reason}, ${createdBy}
			where not exists (select 1 from there) returning id
		)
		select id::text as id from there union all select id::text from added limit 1`);
	if (!row) throw new Error('c_channel_exclusion: insert returned no row');
	return row.id;
}

export type EndExclusionInput = Person & { exclusionId: string };
export type EndExclusionResult = { ok: true; channelId: string; entity: string } | Refusal;

/** Takes an exclusion away; its records are considered as if they were new. */
export async function endExclusion(db: Db, input: EndExclusionInput): Promise<EndExclusionResult> {
	return retrying(db, async (tx) => {
		const [ended] = await tx.execute<OneRecord & { kind: string; reason: string }>(sql`
			delete from c_channel_exclusion where id = ${input.exclusionId}::bigint
			returning c_channel_id::text as "channelId", entity, kind, internal_id::text as "internalId", external_id as "externalId",
				external_variant_id as "variantId", reason`);
		if (!ended) return exclusionGone();
		const { kind, reason, ...record } = ended;
		await joinWaitingLists(tx, record);
		await writeJournal(tx, input, { ...record, linkId: null, action: 'include', inputs: { kind, reason } });
		const { channelId, ...detail } = record;
		await writeAudit(tx, input, {
			action: 'include',
			object: `exclusion/${input.exclusionId}`,
			channelId,
			detail: { ...detail, kind, reason }
		});
		return { ok: true, channelId, entity: record.entity };
	});
}
