import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { directionOf, type ChannelEntityPolicy, type FirstContactRule } from '#src/sync/policy.ts';

/** How the fields that differ at first contact differ: one side is empty, or both hold something else. */
export type FirstContactCounts = { internalEmpty: number; externalEmpty: number; differing: number };

export const noneWaiting: FirstContactCounts = { internalEmpty: 0, externalEmpty: 0, differing: 0 };

/** The rule of a conflict that a field at first contact waits with. */
export const firstContactAsked = 'first-contact: ask';

/** `column` of `sync_conflict` holds no value. */
const empty = (column: 'internal' | 'external') =>
	sql.raw(
		`(${column} is null or jsonb_typeof(${column}) = 'null' or (jsonb_typeof(${column}) = 'string' and ${column} #>> '{}' ~ '^\\s*$'))`
	);

/**
 * How many links wait with this field at first contact, by how the sides differ; looks at no more than `atMost` of them.
 */
export async function countFirstContact(
	db: Db | Transaction,
	input: { channelId: string; entity: string; field: string; atMost: number | null }
): Promise<FirstContactCounts> {
	const [row] = await db.execute<FirstContactCounts>(sql`
		select count(*) filter (where ours)::int as "internalEmpty", count(*) filter (where theirs and not ours)::int as "externalEmpty",
			count(*) filter (where not ours and not theirs)::int as differing
		from (select ${empty('internal')} as ours, ${empty('external')} as theirs from sync_conflict
			where c_channel_id = ${input.channelId}::bigint and entity = ${input.entity} and field = ${input.field} and state = 'open'
				and rule = ${firstContactAsked} ${input.atMost === null ? sql`` : sql`limit ${input.atMost}`}) c`);
	return row ?? noneWaiting;
}

/**
 * What settling these fields so is about, as one moment saw it: the links that will be written to, and by field how its
 * links differ. Fields that are asked about again count for nothing.
 */
export async function countToSettle(
	tx: Transaction,
	input: { channelId: string; entity: string; choices: Readonly<Record<string, FirstContactRule>> }
): Promise<{ links: number; counts: Readonly<Record<string, FirstContactCounts>> }> {
	const [row] = await tx.execute<{ links: number; counts: Record<string, FirstContactCounts> }>(sql`
		with waiting as materialized (
			select c.link_id, c.field, j.value as rule, ${empty('internal')} as ours, ${empty('external')} as theirs
			from sync_conflict c join jsonb_each_text(${JSON.stringify(input.choices)}::text::jsonb) j on j.key = c.field and j.value <> 'ask'
			where c.c_channel_id = ${input.channelId}::bigint and c.entity = ${input.entity} and c.state = 'open' and c.rule = ${firstContactAsked}
		), counted as (
			select field, jsonb_build_object('internalEmpty', count(*) filter (where ours), 'externalEmpty', count(*) filter (where theirs and not ours),
				'differing', count(*) filter (where not ours and not theirs)) as counts
			from waiting group by field
		)
		select (select count(distinct link_id) filter (where rule <> 'fill-blanks' or ours or theirs)::int from waiting) as links,
			(select coalesce(jsonb_object_agg(field, counts), '{}') from counted) as counts`);
	return row ?? { links: 0, counts: {} };
}

/** What a field that flows in one direction only cannot be settled to; null where the choice fits. */
export function choiceAgainstDirection(
	policy: ChannelEntityPolicy,
	choices: Readonly<Record<string, FirstContactRule>>
): string | null {
	const wrong = Object.entries(choices).find(([field, rule]) => {
		const direction = directionOf(policy, field);
		if (rule === 'internal-wins') return direction === 'from-channel' || direction === 'off';
		return rule === 'external-wins' && (direction === 'to-channel' || direction === 'off');
	});
	return wrong?.[0] ?? null;
}
