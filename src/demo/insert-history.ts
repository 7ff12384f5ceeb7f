import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { DecisionChange } from '#src/db/schema/decisions.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { defaultPolicy } from '#src/sync/policy.ts';
import type { StoryItem, StoryRun } from './story/run-history.ts';
import { storyOperator, type ChannelStory } from './story/story.ts';

type ChannelIds = Readonly<Record<ChannelStory['channel'], string>>;

/** Writes past runs with their items, the journal of what moved and of who linked, and what was settled without a person. */
export async function insertHistory(tx: Transaction, channelIds: ChannelIds, runs: readonly StoryRun[]): Promise<void> {
	const ids = await tx.execute<{ id: string }>(sql`
		select id::text from (select nextval(pg_get_serial_sequence('sync_run', 'id')) as id from generate_series(1, ${runs.length}::int)) ids order by ids.id`);
	const numbered = runs.map((run, index) => ({ ...run, id: ids[index]?.id ?? '', channelId: channelIds[run.channel] }));
	const rows = JSON.stringify(numbered.map(({ items: _items, ...run }) => run));
	await tx.execute(sql`
		insert into sync_run (id, c_channel_id, entity, mode, started_by, state, problem, counts, queued_at, started_at, ended_at)
		select r.id, r."channelId", r.entity, r.mode, r."startedBy", r.state, nullif(r.problem, 'null'::jsonb), r.counts, r."startedAt", r."startedAt", r."endedAt"
		from jsonb_to_recordset(${rows}::text::jsonb) as r(id bigint, "channelId" bigint, entity text, mode text, "startedBy" text, state text,
			problem jsonb, counts jsonb, "startedAt" timestamptz, "endedAt" timestamptz) order by r.id`);
	await tx.execute(sql`
		insert into sync_batch (run_id, phase, counts, at)
		select r.id, 'links', r.counts, r."endedAt" from jsonb_to_recordset(${rows}::text::jsonb) as r(id bigint, counts jsonb, "endedAt" timestamptz)
		where r.counts <> '{}' order by r.id`);
	for (const entity of ['product', 'business-partner'] as const)
		await insertEntityHistory(
			tx,
			entity,
			numbered.filter((run) => run.entity === entity)
		);
}

async function insertEntityHistory(
	tx: Transaction,
	name: ChannelStory['entity'],
	runs: readonly (StoryRun & { id: string; channelId: string })[]
): Promise<void> {
	const entity = entityNamed(name);
	if (!entity) throw new Error(`no entity ${name}`);
	const { table, internalColumn, externalColumn } = entity.mapNames;
	const map = sql`${sql.identifier(table)} m`;
	const internal = sql`m.${sql.identifier(internalColumn)}`;
	const external = sql`m.${sql.identifier(externalColumn)}`;
	await tx.execute(sql`
		insert into sync_decision (at, c_channel_id, entity, link_id, internal_id, external_id, actor, action, link_state)
		select m.created_at, m.c_channel_id, ${name}, m.id, ${internal}, ${external}, ${storyOperator}, 'link', cm_state_began(to_jsonb(m)) from ${map} order by m.created_at, m.id`);
	const rows = JSON.stringify(
		runs.flatMap((run) =>
			run.items.map((item) => ({
				...item,
				run: run.id,
				channel: run.channelId,
				action: item.outcome === 'pulled' ? 'pull' : 'push',
				...journalOf(item)
			}))
		)
	);
	const items = sql`jsonb_to_recordset(${rows}::text::jsonb) as i(run bigint, channel bigint, "externalId" text, at timestamptz, field text,
		action text, outcome text, before jsonb, after jsonb, lost jsonb, problem jsonb, inputs jsonb, changes jsonb)
		join ${map} on m.c_channel_id = i.channel and ${external} = i."externalId"`;
	await tx.execute(sql`
		insert into sync_item (run_id, link_id, internal_id, external_id, action, outcome, fields, problem, at)
		select i.run, m.id, ${internal}, ${external}, i.action, i.outcome, array[i.field], nullif(i.problem, 'null'::jsonb), i.at from ${items} order by i.at, m.id`);
	await tx.execute(sql`
		insert into sync_decision (at, c_channel_id, entity, link_id, internal_id, external_id, run_id, actor, action, inputs, changes)
		select i.at, i.channel, ${name}, m.id, ${internal}, ${external}, i.run, 'engine', i.action, i.inputs, i.changes
		from ${items} where i.outcome <> 'failed' order by i.at, m.id`);
	await tx.execute(sql`
		insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, field, base, internal, external, internal_rev, state, rule,
			winner, decided_by, decided_at, created_at)
		select i.channel, ${name}, m.id, ${internal}, ${external}, i.field, i.inputs -> 'base' -> 'internal' -> i.field, i.lost, i.after, '1', 'settled', 'newest-wins',
			'external', 'engine', i.at, i.at
		from ${items} where i.lost is not null order by i.at, m.id`);
}

/** The journal entry of one value that moved, in the shape in which the engine keeps it. */
function journalOf({ field, outcome, before, after, lost, at }: StoryItem): {
	inputs: Record<string, unknown>;
	changes: DecisionChange[];
} {
	const pulled = outcome === 'pulled';
	const settled = lost !== undefined;
	const rule = settled ? 'newest-wins' : pulled ? 'changed-external' : 'changed-internal';
	// A settled field had an older value that both changed.
	const base = settled && typeof before === 'string' ? (Number(before) * 0.98).toFixed(2) : before;
	const ours = pulled ? (lost ?? before) : after;
	const theirs = pulled ? after : before;
	return {
		inputs: {
			base: { internal: { [field]: base }, external: { [field]: base } },
			internal: { [field]: ours },
			external: { [field]: theirs },
			internalRev: '1',
			externalStamp: pulled ? at : null,
			pendingWrite: null,
			policy: { conflict: defaultPolicy.conflict, firstContact: defaultPolicy.firstContact, fields: {} },
			reasons: [
				{
					field,
					internalChange: pulled && !settled ? 'unchanged' : 'updated',
					externalChange: pulled ? 'updated' : 'unchanged',
					verdict: pulled ? 'pull' : 'push',
					rule
				}
			]
		},
		changes: [
			{
				field,
				side: pulled ? 'internal' : 'external',
				before: pulled ? ours : theirs,
				after,
				rule,
				...(settled ? { lost } : {})
			}
		]
	};
}
