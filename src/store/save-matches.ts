import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { textArray } from '#src/entities/record-store.ts';
import { holdRun, type RunAttempt } from './begin-run.ts';
import { lockPages, sharePages } from './lock-pages.ts';
import type { Candidate } from './read-candidates.ts';
import { isUniqueViolation } from './postgres-error.ts';
import { replaceSuggestions, type NewSuggestion } from './replace-suggestions.ts';
import { lockAwaiting, saveAwaiting, type AwaitingRow } from './save-awaiting.ts';
import { stretchOf } from './stretch.ts';
import { lookingUp, retrying } from './transaction.ts';

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
	/** Records among them that are not created yet: a reference of theirs waits. */
	awaiting?: readonly AwaitingRow[];
	/** The revision of the settings that they were considered under. */
	settingsRev: number;
};

/**
 * Replaces the suggestions of the considered records and takes these off the waiting list. Where the settings changed since
 * they were read, or another process has taken the run over, nothing is written: they are considered again.
 *
 * What one run found is saved side by side, where none of it waits: two that find the same pair find the same of it.
 */
export async function saveMatches(db: Db, input: SaveMatchesInput): Promise<void> {
	const { channelId, entity } = input;
	const awaiting = input.awaiting ?? [];
	const save = async (tx: Transaction) => {
		// A record that is found to be gone meanwhile takes with it what is suggested for it here.
		await (awaiting.length > 0 ? lockPages : sharePages)(tx, channelId, entity.name);
		await lockAwaiting(tx, channelId, awaiting);
		if (!(await holdRun(tx, input.run)) || !(await areSettings(tx, input))) return;
		await lookingUp(tx);
		await replaceSuggestions(tx, input);
		await leaveWaitingList(tx, input);
		if (awaiting.length === 0 && !(await anyRecordWaits(tx, input))) return;
		const owners = input.consumed.map(({ side, recordId, variantId }) => ({
			owner: side,
			ownerId: recordId,
			variantId
		}));
		await saveAwaiting(tx, { channelId, entity: entity.name }, owners, awaiting);
	};
	// Two slices may find the same pair.
	await retrying(db, save, isUniqueViolation);
}

async function leaveWaitingList(tx: Transaction, input: SaveMatchesInput): Promise<void> {
	for (const [side, some] of Map.groupBy(input.consumed, (candidate) => candidate.side)) {
		const ids = textArray(some.map(({ recordId }) => recordId));
		const keys = sql`unnest(${ids}::text[], ${textArray(some.map(({ variantId }) => variantId))}::text[]) as k(id, variant)`;
		const here = sql`c.c_channel_id = ${input.channelId}::bigint and c.entity = ${input.entity.name} and c.side = ${side}::text`;
		const stretch = await stretchOf(
			tx,
			{ table: sql`sync_candidate c`, column: sql`c.record_id`, here },
			ids,
			some.length
		);
		await (stretch
			? tx.execute(sql`
				delete from sync_candidate c where ${here} and c.record_id between ${stretch.first}::text and ${stretch.last}::text
					and coalesce((c.record_id, c.external_variant_id) in (select * from ${keys}), false)`)
			: tx.execute(sql`
				delete from sync_candidate c using ${keys}
				where ${here} and c.record_id = k.id and c.external_variant_id = k.variant`));
	}
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
