import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
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
};

/** `refused`: suggestions that something stands in the way of; they stay. `lastId`: go on after it; null = that was all. */
export type AcceptExactResult = { ok: true; linked: number; refused: number; lastId: string | null } | Refusal;

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
			order by s.id limit ${input.limit}`);
		let linked = 0;
		for (const { id: _, suggestion, ...pair } of next) {
			const result = await linkWithin(tx, { ...pair, actor: input.actor, via: input.via }, { suggestion });
			if (result.ok) linked += 1;
		}
		const lastId = next.length < input.limit ? null : (next.at(-1)?.id ?? null);
		return { ok: true, linked, refused: next.length - linked, lastId };
	});
}
