import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { countFirstContact, firstContactAsked, type FirstContactCounts } from '#src/store/first-contact.ts';
import * as settle from '#src/store/settle-first-contact.ts';
import type { Value } from '#src/sync/fields.ts';
import { firstContactRules } from '#src/sync/policy.ts';
import { entityName, guarded, id, text } from './guarded.ts';

export type FirstContactSample = {
	linkId: string;
	value: string | null;
	name: string | null;
	internal: Value;
	external: Value;
};

/** One field on which linked records differ that were never compared before. */
export type FirstContactField = FirstContactCounts & {
	field: string;
	/** The counts go on beyond what was counted. */
	more: boolean;
	samples: FirstContactSample[];
};

/** What first contact of a channel and entity found. */
export type FirstContact = {
	/** Links that were compared at least once, and those that were not yet; both up to `atMost`. */
	compared: number;
	notCompared: number;
	fields: FirstContactField[];
};

/** Where counting stops on the overview; a preview counts all. */
export const countedAtMost = 20_000;
const sampleCount = 3;

/** Fields that wait at first contact, in the order of the entity, with how many links differ in which way. */
export async function readFirstContact(
	db: Db,
	entity: Entity,
	input: { channelId: string; atMost: number | null }
): Promise<FirstContact> {
	const { channelId, atMost } = input;
	const map = sql.identifier(entity.mapNames.table);
	const [links] = await db.execute<{ total: number; notCompared: number }>(sql`
		select coalesce((select sum(n.links) from sync_link_count n where n.c_channel_id = ${channelId}::bigint and n.entity = ${entity.name}), 0)::int as total,
			(select count(*)::int from (select 1 from ${map} m where m.c_channel_id = ${channelId}::bigint and m.status = 'pending'
				and m.base_internal is null and m.waiting is null limit ${countedAtMost}) n) as "notCompared"`);
	const found = await Promise.all(
		entity.fields.map(async ({ name: field }): Promise<FirstContactField | null> => {
			const counts = await countFirstContact(db, { channelId, entity: entity.name, field, atMost });
			const total = counts.internalEmpty + counts.externalEmpty + counts.differing;
			if (total === 0) return null;
			const samples = await readSamples(db, entity, { channelId, field });
			return { field, ...counts, more: atMost !== null && total >= atMost, samples };
		})
	);
	const notCompared = links?.notCompared ?? 0;
	return {
		compared: Math.max(0, (links?.total ?? 0) - notCompared),
		notCompared,
		fields: found.filter((each) => each !== null)
	};
}

async function readSamples(
	db: Db,
	entity: Entity,
	{ channelId, field }: { channelId: string; field: string }
): Promise<FirstContactSample[]> {
	const rows = await db.execute<FirstContactSample>(sql`
		select c.link_id::text as "linkId", r.value, r.name, c.internal, c.external
		from (select link_id, internal_id, internal, external, id from sync_conflict
			where c_channel_id = ${channelId}::bigint and entity = ${entity.name} and field = ${field} and state = 'open' and rule = ${firstContactAsked}
			order by id limit ${sampleCount}) c
		left join ${sql.identifier(entity.recordTable)} r on r.id = c.internal_id order by c.id`);
	return [...rows];
}

/** Whether any field of this channel and entity waits at first contact. */
export async function anyFirstContact(db: Db, input: { channelId: string; entity: string }): Promise<boolean> {
	const rows = await db.execute(sql`
		select 1 from sync_conflict where c_channel_id = ${input.channelId}::bigint and entity = ${input.entity} and state = 'open'
			and rule = ${firstContactAsked} limit 1`);
	return rows.length > 0;
}

const counts = z.strictObject({
	internalEmpty: z.number().int().min(0),
	externalEmpty: z.number().int().min(0),
	differing: z.number().int().min(0)
});
const fieldsAtMost = 200;
const few = (record: object) => Object.keys(record).length <= fieldsAtMost;

/** Settles fields at first contact for the whole set; show what `readFirstContact` counts, all of it, before. */
export const settleFirstContact = guarded(
	'resolve',
	{
		channelId: id,
		entity: entityName,
		settingsRev: z.number().int(),
		choices: z.record(text(80), z.enum(firstContactRules)).refine(few, 'too many fields'),
		counts: z.record(text(80), counts).refine(few, 'too many fields')
	},
	settle.settleFirstContact
);
