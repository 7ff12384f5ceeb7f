import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import { inScope } from '#src/sync/scope.ts';
import { linkTable } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import { reserveEffects } from './reserve-effects.ts';
import { scopeOf } from './scope-of.ts';
import { retrying } from './transaction.ts';

export type Intent = {
	id: string;
	internalId: string;
	reference: string;
	/** Our values when the intent was opened; never changed afterwards. */
	fields: Fields;
	internalRev: string;
	tries: number;
	/** Whether a create may already have left. */
	sentBefore: boolean;
};

export type OpenIntentsInput = {
	channelId: string;
	entity: Entity;
	runId: string;
	limit: number;
	records: readonly { internalId: string; rev: string; fields: Fields; reference: string }[];
};

/** Stores what is about to be created at the channel, within the ceiling. Records linked or excluded meanwhile, or out of scope by now, are left out. */
export async function openIntents(db: Db, input: OpenIntentsInput): Promise<{ opened: number; held: number }> {
	if (input.records.length === 0) return { opened: 0, held: 0 };
	const { map, internal } = linkTable(input.entity);
	return retrying(db, async (tx) => {
		await lockCreates(tx, input.channelId, input.entity.name);
		const scope = await scopeOf(tx, input.channelId, input.entity.name);
		const records = input.records.filter(({ fields }) => inScope(fields, scope.internal));
		if (records.length === 0) return { opened: 0, held: 0 };
		const allowed = await reserveEffects(tx, {
			channelId: input.channelId,
			entity: input.entity.name,
			kind: 'creates',
			limit: input.limit,
			wanted: records.length,
			runId: input.runId
		});
		const rows = await tx.execute(sql`
			insert into sync_intent (c_channel_id, entity, internal_id, reference, fields, internal_rev)
			select ${input.channelId}::bigint, ${input.entity.name}, r."internalId", r.reference, r.fields, r.rev
			from jsonb_to_recordset(${JSON.stringify(records.slice(0, allowed).map((record, place) => ({ ...record, place })))}::text::jsonb)
				as r("internalId" bigint, rev text, fields jsonb, reference text, place int)
			where not exists (select 1 from ${map} m where m.c_channel_id = ${input.channelId}::bigint and m.${internal} = r."internalId")
				and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${input.channelId}::bigint and x.entity = ${input.entity.name}
					and x.kind = 'record' and x.internal_id = r."internalId")
			order by r.place
			on conflict (c_channel_id, entity, internal_id) do nothing returning id`);
		return { opened: rows.length, held: records.length - allowed };
	});
}

/** Takes open intents that are due. One that may have left already comes only after `settleMs`, so that it can be searched for. */
export async function claimIntents(
	db: Db,
	input: { channelId: string; entity: Entity; workerId: string; leaseMs: number; settleMs: number; limit: number }
): Promise<Intent[]> {
	return retrying(db, async (tx) => {
		const rows = await tx.execute<Intent & Record<string, unknown>>(sql`
			with due as (
				select id from sync_intent where c_channel_id = ${input.channelId}::bigint and entity = ${input.entity.name} and state = 'open'
					and (retry_at is null or retry_at <= now()) and (claimed_until is null or claimed_until <= now())
					and (sent_at is null or sent_at + make_interval(secs => ${input.settleMs / 1000}) <= now())
				order by id limit ${input.limit} for update skip locked
			)
			update sync_intent i set claimed_by = ${input.workerId}, claimed_until = now() + make_interval(secs => ${input.leaseMs / 1000})
			from due where i.id = due.id
			returning i.id::text as id, i.internal_id::text as "internalId", i.reference, i.fields, i.internal_rev as "internalRev", i.tries, i.sent_at is not null as "sentBefore"`);
		return [...rows].sort((one, other) => Number(BigInt(one.id) - BigInt(other.id)));
	});
}

/** Says that the create is about to leave. False when the claim was lost, the record is excluded or nothing is sent by now: do not send. */
export async function markIntentSent(
	db: Db,
	input: { intentId: string; workerId: string; leaseMs: number }
): Promise<boolean> {
	return retrying(db, async (tx) => {
		const rows = await tx.execute(sql`
			update sync_intent i set sent_at = now(), tries = tries + 1, claimed_until = now() + make_interval(secs => ${input.leaseMs / 1000})
			where id = ${input.intentId}::bigint and claimed_by = ${input.workerId} and state = 'open'
				and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = i.c_channel_id and x.entity = i.entity and x.kind = 'record' and x.internal_id = i.internal_id)
				and exists (select 1 from c_channel_entity e where e.c_channel_id = i.c_channel_id and e.entity = i.entity and e.push_live)
			returning id`);
		return rows.length > 0;
	});
}

/**
 * A create that did not come to a link: another try after `retryDelayMs`, a problem for a person, or (unsent) given up.
 * Where another process has taken it over meanwhile, what became of this try says nothing any more.
 */
export async function failIntent(
	db: Db,
	input: {
		intentId: string;
		workerId: string;
		runId: string;
		state: 'open' | 'problem' | 'dropped';
		/** The channel said that nothing was created, so the next try need not search first. */
		notSent: boolean;
		retryDelayMs: number;
		problem: { kind: string; message: string; hint: string };
	}
): Promise<void> {
	await retrying(db, async (tx) => {
		const [intent] = await tx.execute<{ internalId: string }>(
			input.state === 'dropped'
				? sql`delete from sync_intent where id = ${input.intentId}::bigint and claimed_by = ${input.workerId} returning internal_id::text as "internalId"`
				: sql`update sync_intent set state = ${input.state}, problem = ${JSON.stringify(input.problem)}::text::jsonb, claimed_by = null, claimed_until = null,
						sent_at = case when ${input.notSent} then null else sent_at end, retry_at = now() + make_interval(secs => ${input.retryDelayMs / 1000})
					where id = ${input.intentId}::bigint and claimed_by = ${input.workerId} returning internal_id::text as "internalId"`
		);
		if (!intent || input.state === 'dropped') return;
		await tx.execute(sql`
			insert into sync_item (run_id, internal_id, action, outcome, problem)
			values (${input.runId}::bigint, ${intent.internalId}::bigint, 'create-external', 'failed', ${JSON.stringify(input.problem)}::text::jsonb)`);
		await tx.execute(
			sql`insert into sync_batch (run_id, phase, counts) values (${input.runId}::bigint, 'create', '{"failed":1}')`
		);
	});
}
