import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { suggestionColumns, type Suggested, type SuggestedPair } from './judge-suggestion.ts';
import { linkWithin } from './link-records.ts';
import { lockCreates } from './lock-creates.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { unknownEntity } from './refusals.ts';
import { retrying } from './transaction.ts';

export type AcceptExactInput = Person & {
	channelId: string;
	entity: string;
	/** Goes on after this suggestion; '0' = from the first. */
	afterId: string;
	/** The last suggestion that the person was shown in the preview: later ones wait. */
	uptoId: string;
	/** Suggestions at most in this transaction. */
	limit: number;
	/** The bulk job that an earlier call of the same act made, for its undo; null for the first. */
	jobId: string | null;
};

/**
 * `refused`: suggestions that something stands in the way of; they stay. `lastId`: go on after it; null = that was all.
 * `jobId`: the bulk job that keeps what was linked, so that it can be taken back; null where nothing was.
 */
export type AcceptExactResult =
	{ ok: true; linked: number; refused: number; lastId: string | null; jobId: string | null } | Refusal;

/** Links the next suggestions with a score of 100 whose two records are in no other suggestion, each as by hand. */
export async function acceptExact(db: Db, input: AcceptExactInput): Promise<AcceptExactResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	return retrying(db, async (tx) => {
		await lockCreates(tx, input.channelId, entity.name);
		const next = await tx.execute<SuggestedPair & { id: string; suggestion: Suggested }>(sql`
			select s.id::text as id, ${suggestionColumns} from c_channel_suggestion s
			where s.c_channel_id = ${input.channelId}::bigint and s.entity = ${entity.name} and s.score = 100 and not s.ambiguous
				and s.id > ${input.afterId}::bigint and s.id <= ${input.uptoId}::bigint
			order by s.id limit ${input.limit} for update`);
		const linkIds: string[] = [];
		for (const { id: _, suggestion, ...pair } of next) {
			const result = await linkWithin(tx, { ...pair, actor: input.actor, via: input.via }, { suggestion });
			if (result.ok) linkIds.push(result.linkId);
		}
		const lastId = next.length < input.limit ? null : (next.at(-1)?.id ?? null);
		const jobId = linkIds.length === 0 ? input.jobId : await keepForUndo(tx, input, linkIds);
		return { ok: true, linked: linkIds.length, refused: next.length - linkIds.length, lastId, jobId };
	});
}

/** The links of one act are those of one bulk job, which is done already. */
async function keepForUndo(tx: Transaction, input: AcceptExactInput, linkIds: readonly string[]): Promise<string> {
	const ids = JSON.stringify(linkIds);
	const [row] = await tx.execute<{ id: string }>(
		input.jobId === null
			? sql`
				insert into sync_bulk_job (c_channel_id, entity, kind, selection, started_by, via, state, expected, counts, started_at, ended_at)
				values (${input.channelId}::bigint, ${input.entity}, 'accept', jsonb_build_object('linkIds', ${ids}::text::jsonb), ${input.actor.name}, ${input.via},
					'succeeded', ${linkIds.length}, jsonb_build_object('done', ${linkIds.length}::int), now(), now())
				returning id::text as id`
			: sql`
				update sync_bulk_job set selection = jsonb_build_object('linkIds', selection -> 'linkIds' || ${ids}::text::jsonb),
					expected = expected + ${linkIds.length}, counts = jsonb_build_object('done', (counts ->> 'done')::int + ${linkIds.length}::int), ended_at = now()
				where id = ${input.jobId}::bigint and kind = 'accept' and started_by = ${input.actor.name}
					and c_channel_id = ${input.channelId}::bigint and entity = ${input.entity}
				returning id::text as id`
	);
	return row?.id ?? keepForUndo(tx, { ...input, jobId: null }, linkIds);
}
