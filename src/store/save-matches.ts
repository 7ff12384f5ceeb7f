import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { MatchEvidence } from '#src/sync/match-evidence.ts';
import type { Candidate } from './read-candidates.ts';
import { lockAwaiting, saveAwaiting, type AwaitingRow } from './save-awaiting.ts';
import { retrying } from './transaction.ts';

export type NewSuggestion = {
	internalId: string;
	externalId: string;
	variantId: string;
	score: number;
	evidence: readonly MatchEvidence[];
	ambiguous: boolean;
	best: boolean;
};

export type SaveMatchesInput = {
	channelId: string;
	entity: Entity;
	/** Every record whose suggestions were worked out anew; older ones of theirs are dropped. */
	internalIds: readonly string[];
	externalKeys: readonly { id: string; variant: string }[];
	suggestions: readonly NewSuggestion[];
	consumed: readonly Candidate[];
	/** Records among them that are not created yet: a reference of theirs waits. */
	awaiting?: readonly AwaitingRow[];
	/** The revision of the settings that they were considered under. */
	settingsRev: number;
};

/**
 * Replaces the suggestions of the considered records and takes these off the waiting list. Where the settings changed since
 * they were read, nothing is written: they are considered again.
 */
export async function saveMatches(db: Db, input: SaveMatchesInput): Promise<void> {
	const { channelId, entity } = input;
	const awaiting = input.awaiting ?? [];
	await retrying(db, async (tx) => {
		await lockAwaiting(tx, channelId, awaiting);
		if (!(await areSettings(tx, input))) return;
		const pairs = JSON.stringify(input.suggestions);
		await tx.execute(sql`
			delete from c_channel_suggestion s
			where s.c_channel_id = ${channelId}::bigint and s.entity = ${entity.name} and (
				s.internal_id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(input.internalIds)}::text::jsonb))
				or (s.external_id, s.external_variant_id) in (select k.id, k.variant from jsonb_to_recordset(${JSON.stringify(input.externalKeys)}::text::jsonb) as k(id text, variant text))
			) and not exists (
				select 1 from jsonb_to_recordset(${pairs}::text::jsonb) as p("internalId" bigint, "externalId" text, "variantId" text)
				where p."internalId" = s.internal_id and p."externalId" = s.external_id and p."variantId" = s.external_variant_id)`);
		await tx.execute(sql`
			insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, external_variant_id, score, evidence, ambiguous, best)
			select ${channelId}::bigint, ${entity.name}, p."internalId", p."externalId", p."variantId", p.score, p.evidence, p.ambiguous, p.best
			from jsonb_to_recordset(${pairs}::text::jsonb) as p("internalId" bigint, "externalId" text, "variantId" text, score int, evidence jsonb, ambiguous boolean, best boolean)
			on conflict (c_channel_id, entity, internal_id, external_id, external_variant_id)
			do update set score = excluded.score, evidence = excluded.evidence, ambiguous = excluded.ambiguous, best = excluded.best
			where (c_channel_suggestion.score, c_channel_suggestion.evidence, c_channel_suggestion.ambiguous, c_channel_suggestion.best)
				is distinct from (excluded.score, excluded.evidence, excluded.ambiguous, excluded.best)`);
		await tx.execute(sql`
			delete from sync_candidate c using jsonb_to_recordset(${JSON.stringify(input.consumed)}::text::jsonb) as k(side text, "recordId" text, "variantId" text)
			where c.c_channel_id = ${channelId}::bigint and c.entity = ${entity.name} and c.side = k.side and c.record_id = k."recordId"
				and c.external_variant_id = k."variantId"`);
		const owners = input.consumed.map(({ side, recordId, variantId }) => ({
			owner: side,
			ownerId: recordId,
			variantId
		}));
		await saveAwaiting(tx, { channelId, entity: entity.name }, owners, awaiting);
	});
}

/** Whether the settings still have this revision; they keep it until the transaction ends. */
async function areSettings(tx: Transaction, { channelId, entity, settingsRev }: SaveMatchesInput): Promise<boolean> {
	const [row] = await tx.execute<{ settingsRev: number }>(sql`
		select settings_rev as "settingsRev" from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = ${entity.name} for share`);
	return (row?.settingsRev ?? 0) === settingsRev;
}
