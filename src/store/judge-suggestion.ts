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

export type SuggestionInput = Person & { suggestionId: string };
export type RejectSuggestionResult = { ok: true } | Refusal;

type Suggestion = { channelId: string; entity: string; internalId: string; externalId: string; variantId: string };

/** Links a suggested pair. */
export async function acceptSuggestion(db: Db, input: SuggestionInput): Promise<LinkRecordsResult> {
	return retrying(db, async (tx) => {
		const suggestion = await lockSuggestion(tx, input);
		return suggestion ? linkWithin(tx, { ...suggestion, actor: input.actor, via: input.via }) : goneSuggestion();
	});
}

/** These two are not the same thing: they are never suggested again, and each is considered anew without the other. */
export async function rejectSuggestion(
	db: Db,
	input: SuggestionInput & { reason?: string }
): Promise<RejectSuggestionResult> {
	return retrying(db, async (tx) => {
		const suggestion = await lockSuggestion(tx, input);
		if (!suggestion) return goneSuggestion();
		const reason = input.reason?.trim() ?? '';
		await leaveWaitingLists(tx, suggestion);
		await insertExclusions(tx, suggestion, {
			pair: true,
			internal: false,
			external: false,
			reason: reason || 'rejected',
			createdBy: input.actor.name
		});
		await joinWaitingLists(tx, suggestion);
		await writeJournal(tx, input, { ...suggestion, linkId: null, action: 'reject', inputs: { reason } });
		const { channelId, ...detail } = suggestion;
		await writeAudit(tx, input, { action: 'reject', object: `suggestion/${input.suggestionId}`, channelId, detail });
		return { ok: true };
	});
}

/** The suggestion, as it stands once nobody else links or judges in its channel and entity. */
async function lockSuggestion(tx: Transaction, input: SuggestionInput): Promise<Suggestion | null> {
	const found = await readSuggestion(tx, input);
	if (!found) return null;
	await lockCreates(tx, found.channelId, found.entity);
	return readSuggestion(tx, input);
}

async function readSuggestion(tx: Transaction, { suggestionId }: SuggestionInput): Promise<Suggestion | null> {
	const [row] = await tx.execute<Suggestion>(sql`
		select c_channel_id::text as "channelId", entity, internal_id::text as "internalId", external_id as "externalId", external_variant_id as "variantId"
		from c_channel_suggestion where id = ${suggestionId}::bigint`);
	return row ?? null;
}
