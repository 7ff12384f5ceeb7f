import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { insertExclusions } from './exclusions.ts';
import { writeAudit, writeJournal } from './journal.ts';
import { joinWaitingLists, leaveWaitingLists } from './leave-waiting-lists.ts';
import { linkWithin, type LinkRecordsResult } from './link-records.ts';
import { lockCreates } from './lock-creates.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { goneSuggestion } from './refusals.ts';
import { retrying } from './transaction.ts';
import type { MatchEvidence } from '#src/sync/match-evidence.ts';

export type SuggestionInput = Person & { suggestionId: string };
export type RejectSuggestionResult = { ok: true } | Refusal;

export type SuggestedPair = {
	channelId: string;
	entity: string;
	internalId: string;
	externalId: string;
	variantId: string;
};

/** What was said for the pair: kept in the journal, so that "why" has an answer and a judgement can be taken back. */
export type Suggested = { score: number; evidence: MatchEvidence[]; ambiguous: boolean; best: boolean };

/** Links a suggested pair. */
export async function acceptSuggestion(db: Db, input: SuggestionInput): Promise<LinkRecordsResult> {
	return retrying(db, async (tx) => {
		const found = await lockSuggestion(tx, input);
		if (!found) return goneSuggestion();
		const { suggestion, ...pair } = found;
		return linkWithin(tx, { ...pair, actor: input.actor, via: input.via }, { suggestion });
	});
}

/** These two are not the same thing: they are never suggested again, and each is considered anew without the other. */
export async function rejectSuggestion(
	db: Db,
	input: SuggestionInput & { reason?: string }
): Promise<RejectSuggestionResult> {
	return retrying(db, async (tx) => {
		const found = await lockSuggestion(tx, input);
		if (!found) return goneSuggestion();
		const { suggestion, ...pair } = found;
		const reason = input.reason?.trim() ?? '';
		await leaveWaitingLists(tx, pair);
		await insertExclusions(tx, pair, {
			pair: true,
			internal: false,
			external: false,
			reason: reason || 'rejected',
			createdBy: input.actor.name
		});
		await joinWaitingLists(tx, pair);
		await writeJournal(tx, input, { ...pair, linkId: null, action: 'reject', inputs: { reason, suggestion } });
		const { channelId, ...detail } = pair;
		await writeAudit(tx, input, { action: 'reject', object: `suggestion/${input.suggestionId}`, channelId, detail });
		return { ok: true };
	});
}

type Found = SuggestedPair & { suggestion: Suggested };

/** The suggestion, as it stands once nobody else links, judges or matches it. */
async function lockSuggestion(tx: Transaction, input: SuggestionInput): Promise<Found | null> {
	const found = await readSuggestion(tx, input);
	if (!found) return null;
	await lockCreates(tx, found.channelId, found.entity);
	return readSuggestion(tx, input, sql`for update`);
}

async function readSuggestion(tx: Transaction, input: SuggestionInput, lock = sql``): Promise<Found | null> {
	const [row] = await tx.execute<Found>(sql`
		select ${suggestionColumns} from c_channel_suggestion s where s.id = ${input.suggestionId}::bigint ${lock}`);
	return row ?? null;
}

/** A pair and what was said for it, of c_channel_suggestion `s`. */
export const suggestionColumns = sql`s.c_channel_id::text as "channelId", s.entity, s.internal_id::text as "internalId", s.external_id as "externalId",
	s.external_variant_id as "variantId",
	jsonb_build_object('score', s.score, 'evidence', s.evidence, 'ambiguous', s.ambiguous, 'best', s.best) as suggestion`;
