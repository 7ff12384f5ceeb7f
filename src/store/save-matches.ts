import { sql, type SQL } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { idArray, textArray } from '#src/entities/record-store.ts';
import type { PairKey } from '#src/sync/match.ts';
import type { MatchEvidence } from '#src/sync/match-evidence.ts';
import { holdRun, type RunAttempt } from './begin-run.ts';
import { lockPages, sharePages } from './lock-pages.ts';
import type { Candidate } from './read-candidates.ts';
import { lockAwaiting, saveAwaiting, type AwaitingRow } from './save-awaiting.ts';
import { lookingUp, retrying } from './transaction.ts';

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
	/** The run that considered them. */
	run: RunAttempt;
	/** Every record whose suggestions were worked out anew; older ones of theirs are dropped. */
	internalIds: readonly string[];
	externalKeys: readonly { id: string; variant: string }[];
	suggestions: readonly NewSuggestion[];
	consumed: readonly Candidate[];
	/** So many of these, from the first, stand one behind the other on the waiting list, in its order. */
	consumedInRow?: number;
	/** Records among them that are not created yet: a reference of theirs waits. */
	awaiting?: readonly AwaitingRow[];
	/** The revision of the settings that they were considered under. */
	settingsRev: number;
};

/**
 * Replaces the suggestions of the considered records and takes these off the waiting list. Where the settings changed since
 * they were read, or another process has taken the run over, nothing is written: they are considered again.
 *
 * What one run found is saved side by side, where none of it waits: two that find the same find the same for both.
 */
export async function saveMatches(db: Db, input: SaveMatchesInput): Promise<void> {
	const { channelId, entity } = input;
	const awaiting = input.awaiting ?? [];
	await retrying(db, async (tx) => {
		// A record that is found to be gone meanwhile takes with it what is suggested for it here.
		await (awaiting.length > 0 ? lockPages : sharePages)(tx, channelId, entity.name);
		await lockAwaiting(tx, channelId, awaiting);
		if (!(await holdRun(tx, input.run)) || !(await areSettings(tx, input))) return;
		await lookingUp(tx);
		await dropSuggestions(tx, input);
		await writeSuggestions(tx, input);
		await leaveWaitingList(tx, input);
		if (awaiting.length === 0 && !(await anyRecordWaits(tx, input))) return;
		const owners = input.consumed.map(({ side, recordId, variantId }) => ({
			owner: side,
			ownerId: recordId,
			variantId
		}));
		await saveAwaiting(tx, { channelId, entity: entity.name }, owners, awaiting);
	});
}

/** Drops what was suggested for the considered records before and is not any more; looked up record by record. */
async function dropSuggestions(tx: Transaction, input: SaveMatchesInput): Promise<void> {
	const found = (condition: SQL) => sql`
		select f.* from (
			select s.id::text as id, s.c_channel_id as channel_id, s.entity, s.internal_id::text as "internalId", s.external_id as "externalId",
				s.external_variant_id as "variantId"
			from c_channel_suggestion s where ${condition} offset 0
		) f where f.channel_id = ${input.channelId}::bigint and f.entity = ${input.entity.name}`;
	const externalIds = input.externalKeys.map(({ id }) => id);
	// By the record alone (`offset 0`): while there are but few suggestions, the planner would rather go through all of the channel's.
	const known = await tx.execute<PairKey & { id: string }>(sql`
		${found(sql`s.internal_id = any(${idArray(input.internalIds)}::bigint[])`)} union all
		${found(sql`s.external_id = any(${textArray(externalIds)}::text[])`)}`);
	if (known.length === 0) return;
	const kept = new Set(input.suggestions.map(pairText));
	const ours = new Set(input.internalIds);
	const theirs = new Set(input.externalKeys.map(({ id, variant }) => externalText(id, variant)));
	// Of a channel's record with variants, others than the considered ones were found as well.
	const isConsidered = (pair: PairKey) =>
		ours.has(pair.internalId) || theirs.has(externalText(pair.externalId, pair.variantId));
	const dropped = known.filter((pair) => isConsidered(pair) && !kept.has(pairText(pair))).map(({ id }) => id);
	if (dropped.length === 0) return;
	await tx.execute(sql`delete from c_channel_suggestion where id = any(${idArray([...new Set(dropped)])}::bigint[])`);
}

const externalText = (id: string, variant: string) => JSON.stringify([id, variant]);
const pairText = ({ internalId, externalId, variantId }: PairKey) =>
	JSON.stringify([internalId, externalId, variantId]);

async function writeSuggestions(tx: Transaction, { channelId, entity, suggestions }: SaveMatchesInput): Promise<void> {
	if (suggestions.length === 0) return;
	await tx.execute(sql`
		insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, external_variant_id, score, evidence, ambiguous, best)
		select ${channelId}::bigint, ${entity.name}, p."internalId", p."externalId", p."variantId", p.score, p.evidence, p.ambiguous, p.best
		from jsonb_to_recordset(${JSON.stringify(suggestions)}::text::jsonb) as p("internalId" bigint, "externalId" text, "variantId" text, score int, evidence jsonb, ambiguous boolean, best boolean)
		on conflict (c_channel_id, entity, internal_id, external_id, external_variant_id)
		do update set score = excluded.score, evidence = excluded.evidence, ambiguous = excluded.ambiguous, best = excluded.best
		where (c_channel_suggestion.score, c_channel_suggestion.evidence, c_channel_suggestion.ambiguous, c_channel_suggestion.best)
			is distinct from (excluded.score, excluded.evidence, excluded.ambiguous, excluded.best)`);
}

async function leaveWaitingList(tx: Transaction, input: SaveMatchesInput): Promise<void> {
	const here = sql`c.c_channel_id = ${input.channelId}::bigint and c.entity = ${input.entity.name}`;
	const inRow = input.consumed.slice(0, input.consumedInRow ?? 0);
	const others = input.consumed.slice(inRow.length);
	// Their stretch of the list is read, which is a third of the work that looking each of them up is.
	for (const some of Map.groupBy(inRow, ({ side }) => side).values()) {
		const [first, last] = [some[0], some.at(-1)];
		if (!first || !last) continue;
		// Not by comparing rows: an index scan does not end where a row of the upper end is passed.
		await tx.execute(sql`
			delete from sync_candidate c
			where ${here} and c.side = ${first.side}::text and c.record_id between ${first.recordId}::text and ${last.recordId}::text
				and coalesce((c.side, c.record_id, c.external_variant_id) in (select * from ${keysOf(some)}), false)`);
	}
	if (others.length === 0) return;
	await tx.execute(sql`
		delete from sync_candidate c using ${keysOf(others)}
		where ${here} and c.side = k.side and c.record_id = k.id and c.external_variant_id = k.variant`);
}

function keysOf(candidates: readonly Candidate[]): SQL {
	const [sides, ids] = [candidates.map(({ side }) => side), candidates.map(({ recordId }) => recordId)];
	const variants = candidates.map(({ variantId }) => variantId);
	return sql`unnest(${textArray(sides)}::text[], ${textArray(ids)}::text[], ${textArray(variants)}::text[]) as k(side, id, variant)`;
}

/** Whether any record of the entity waits for a reference: where none does, thousands of keys need not be sent to ask for each. */
async function anyRecordWaits(tx: Transaction, { channelId, entity }: SaveMatchesInput): Promise<boolean> {
	const found = await tx.execute(sql`
		select 1 from sync_awaiting a
		where a.c_channel_id = ${channelId}::bigint and a.entity = ${entity.name} and a.owner in ('internal', 'external') limit 1`);
	return found.length > 0;
}

/** Whether the settings still have this revision; who changes them locks the pages first. */
async function areSettings(tx: Transaction, { channelId, entity, settingsRev }: SaveMatchesInput): Promise<boolean> {
	const [row] = await tx.execute<{ settingsRev: number }>(sql`
		select settings_rev as "settingsRev" from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = ${entity.name}`);
	return (row?.settingsRev ?? 0) === settingsRev;
}
