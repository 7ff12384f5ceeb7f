import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { shareHints } from './lock-hints.ts';
import { retrying } from './transaction.ts';

/** A record that a webhook named; `variantId` '' = all its variants. */
export type NamedRecord = { entity: string; externalId: string; variantId: string };

export type AcceptWebhookInput = {
	channelId: string;
	/** The sender's id of it; null where it has none, and one that comes again is looked at again. */
	hookId: string | null;
	named: readonly NamedRecord[];
	/** Entities of which something changed without being named. */
	unnamed: readonly string[];
};

/** `refused`: the channel takes no webhooks (any more). `repeated`, `paused`: nothing is to be done. */
export type AcceptWebhookResult = {
	kind: 'accepted' | 'repeated' | 'paused' | 'refused';
	/** Runs to perform; `fresh` = it did not wait before. */
	runs: { runId: string; fresh: boolean }[];
};

/** Who started a run that a webhook asked for. */
export const startedByWebhook = 'webhook';
/** Named records that may wait for one channel and entity: beyond that the change feed is asked. */
export const hintsAtMost = 10_000;
/** How long a webhook is remembered. One that comes again later is looked at again, which does no harm. */
export const rememberedSeconds = 3600;
const forgottenAtOnce = 200;

/**
 * Takes a genuine webhook: keeps which records it named, and queues what looks at them, one run for however many hooks.
 * Nothing it says is taken for a value. The same one again does nothing.
 */
export async function acceptWebhook(db: Db, input: AcceptWebhookInput): Promise<AcceptWebhookResult> {
	const { channelId, hookId } = input;
	return retrying(db, async (tx): Promise<AcceptWebhookResult> => {
		// Before anything is looked up: what is stored here must not outlive a channel that is deleted meanwhile.
		const [channel] = await tx.execute<{ paused: boolean }>(
			sql`select paused_at is not null as paused from c_channel where id = ${channelId}::bigint for key share`
		);
		const takes = await tx.execute(
			sql`select 1 from c_channel_webhook where c_channel_id = ${channelId}::bigint for key share`
		);
		if (!channel || takes.length === 0) return { kind: 'refused', runs: [] };
		if (hookId !== null && !(await remember(tx, channelId, hookId))) return { kind: 'repeated', runs: [] };
		await tx.execute(sql`
			update c_channel_webhook set received_at = now() where c_channel_id = ${channelId}::bigint
				and (received_at is null or received_at < now() - interval '1 second')`);
		if (channel.paused) return { kind: 'paused', runs: [] };
		const carried = await tx.execute<{ entity: string }>(
			sql`select entity from c_channel_entity where c_channel_id = ${channelId}::bigint order by entity collate "C"`
		);
		const runs: AcceptWebhookResult['runs'] = [];
		for (const { entity } of carried) {
			const named = input.named.filter((each) => each.entity === entity);
			const kept = named.length > 0 && (await keepHints(tx, channelId, entity, named));
			if (kept) runs.push(await waitingRun(tx, channelId, entity, 'hinted'));
			if (input.unnamed.includes(entity) || (named.length > 0 && !kept))
				runs.push(await waitingRun(tx, channelId, entity, 'incremental'));
		}
		return { kind: 'accepted', runs };
	});
}

async function remember(tx: Transaction, channelId: string, hookId: string): Promise<boolean> {
	await tx.execute(sql`
		with forgotten as materialized (
			select c_channel_id, hook_id from sync_webhook
			where c_channel_id = ${channelId}::bigint and received_at < now() - make_interval(secs => ${rememberedSeconds})
			order by received_at, hook_id limit ${forgottenAtOnce} for update skip locked
		)
		delete from sync_webhook h using forgotten f where (h.c_channel_id, h.hook_id) = (f.c_channel_id, f.hook_id)`);
	const fresh = await tx.execute(sql`
		insert into sync_webhook (c_channel_id, hook_id) values (${channelId}::bigint, ${hookId}) on conflict do nothing returning hook_id`);
	return fresh.length > 0;
}

/** False, and nothing kept, where too many wait already. */
async function keepHints(
	tx: Transaction,
	channelId: string,
	entity: string,
	named: readonly NamedRecord[]
): Promise<boolean> {
	await shareHints(tx, channelId, entity);
	const [waiting] = await tx.execute<{ hints: number }>(sql`
		select count(*)::int as hints from (
			select 1 from sync_hint where c_channel_id = ${channelId}::bigint and entity = ${entity} limit ${hintsAtMost}) h`);
	if ((waiting?.hints ?? 0) + named.length > hintsAtMost) return false;
	await tx.execute(sql`
		insert into sync_hint (c_channel_id, entity, external_id, external_variant_id)
		select distinct ${channelId}::bigint, ${entity}, n."externalId", n."variantId"
		from jsonb_to_recordset(${JSON.stringify(named)}::text::jsonb) as n("externalId" text, "variantId" text)
		order by n."externalId", n."variantId"
		on conflict (c_channel_id, entity, external_id, external_variant_id) do nothing`);
	return true;
}

/**
 * The run that waits, or a new one. Its row is locked: one that begins meanwhile either sees what was stored here, or
 * is no longer waiting.
 */
async function waitingRun(tx: Transaction, channelId: string, entity: string, mode: string) {
	await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`queue-run ${channelId} ${entity}`}))`);
	const [waiting] = await tx.execute<{ id: string }>(sql`
		select id::text as id from sync_run
		where c_channel_id = ${channelId}::bigint and entity = ${entity} and mode = ${mode} and state = 'queued'
		order by sync_run.id limit 1 for update`);
	if (waiting) return { runId: waiting.id, fresh: false };
	const [row] = await tx.execute<{ id: string }>(sql`
		insert into sync_run (c_channel_id, entity, mode, started_by)
		values (${channelId}::bigint, ${entity}, ${mode}, ${startedByWebhook}) returning id::text as id`);
	if (!row) throw new Error('sync_run: insert returned no row');
	return { runId: row.id, fresh: true };
}
