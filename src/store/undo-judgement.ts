import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { deleteExclusions, excludedRefusal, exclusionsOf, insertExclusions } from './exclusions.ts';
import { heldBy } from './find-holder.ts';
import { writeAudit, writeJournal } from './journal.ts';
import type { Suggested, SuggestedPair } from './judge-suggestion.ts';
import { joinWaitingLists, leaveWaitingLists } from './leave-waiting-lists.ts';
import { linkTable } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { judgementNotUndoable, unknownEntity } from './refusals.ts';
import { retrying } from './transaction.ts';
import { archiveLink, endOpenConflicts, lockLink } from './unlink-records.ts';

export type UndoJudgementInput = Person & SuggestedPair;
export type UndoJudgementResult =
	{ ok: true; undone: 'accept' | 'reject' | 'link'; suggestionId: string | null } | Refusal;

/** The last judgement of a pair, as the journal has it. */
type Judgement = {
	action: string;
	linkId: string | null;
	suggestion: Suggested | null;
	overridden: Overridden[] | null;
};

/** A mark that was taken away when the two were linked all the same. */
type Overridden = { kind: string; side: string | null; reason: string };

/**
 * Takes back that two were linked by hand, or that a suggestion was accepted or rejected: the link goes to the archive
 * without a mark against anybody, but for those that it had taken away, or the mark goes; the suggestion is there again and
 * both records are considered anew. What a run has sent meanwhile stays sent.
 */
export async function undoJudgement(db: Db, input: UndoJudgementInput): Promise<UndoJudgementResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	return retrying(db, (tx) => undoJudgementWithin(tx, input, entity));
}

/** `undoJudgement` as part of a larger transaction. Nothing is written where it refuses. `because` goes to the journal. */
export async function undoJudgementWithin(
	tx: Transaction,
	input: UndoJudgementInput,
	entity: Entity,
	because: Record<string, unknown> = {}
): Promise<UndoJudgementResult> {
	await lockCreates(tx, input.channelId, entity.name);
	const judgement = await lastJudgement(tx, entity, input);
	const undone = judgement && undoing(judgement);
	if (!judgement || !undone) return judgementNotUndoable();
	const refused =
		undone === 'reject'
			? await endReject(tx, entity, input)
			: await endLink(tx, entity, input, judgement.linkId ?? '0');
	if (refused) return refused;
	for (const { kind, side, reason } of judgement.overridden ?? []) {
		const marks = { pair: kind === 'pair', internal: side === 'internal', external: side === 'external' };
		await insertExclusions(tx, input, { ...marks, reason, createdBy: input.actor.name });
	}
	const suggestionId = judgement.suggestion && (await suggestAgain(tx, input, judgement.suggestion));
	await joinWaitingLists(tx, input);
	const { channelId, internalId, externalId, variantId } = input;
	const linkId = judgement.linkId;
	const about = { channelId, entity: entity.name, linkId, internalId, externalId, variantId };
	const linkState = undone === 'reject' ? null : ({ ended: true } as const);
	await writeJournal(tx, input, { ...about, action: `undo-${undone}`, inputs: because, linkState });
	const detail = { entity: entity.name, internalId, externalId, variantId, linkId };
	const object = undone === 'link' ? `${entity.name}-link/${linkId ?? ''}` : `suggestion/${suggestionId ?? ''}`;
	await writeAudit(tx, input, { action: `undo-${undone}`, object, channelId, detail });
	return { ok: true, undone, suggestionId };
}

/** What taking back a judgement takes back; null where there is nothing. */
export function undoing({
	action,
	suggestion
}: {
	action: string;
	suggestion: Suggested | null;
}): 'accept' | 'reject' | 'link' | null {
	if (action === 'link') return suggestion ? 'accept' : 'link';
	return action === 'reject' && suggestion ? 'reject' : null;
}

async function lastJudgement(tx: Transaction, entity: Entity, pair: SuggestedPair): Promise<Judgement | null> {
	const [row] = await tx.execute<Judgement>(sql`
		select action, link_id::text as "linkId", inputs -> 'suggestion' as suggestion, inputs -> 'overridden' as overridden from sync_decision
		where entity = ${entity.name} and internal_id = ${pair.internalId}::bigint and c_channel_id = ${pair.channelId}::bigint
			and external_id = ${pair.externalId} and external_variant_id = ${pair.variantId}
			and action in ('link', 'reject', 'undo-accept', 'undo-reject', 'undo-link')
		order by id desc limit 1`);
	return row ?? null;
}

async function endLink(
	tx: Transaction,
	entity: Entity,
	input: UndoJudgementInput,
	linkId: string
): Promise<Refusal | null> {
	const link = await lockLink(tx, entity, linkId);
	if (link?.externalId !== input.externalId || link.variantId !== input.variantId) return judgementNotUndoable();
	await archiveLink(tx, entity, link, { endedBy: input.actor.name, reason: 'undone' });
	await tx.execute(sql`delete from ${linkTable(entity).map} where id = ${link.id}::bigint`);
	await endOpenConflicts(tx, entity, link.id);
	await leaveWaitingLists(tx, input);
	return null;
}

async function endReject(tx: Transaction, entity: Entity, input: UndoJudgementInput): Promise<Refusal | null> {
	const held = await heldBy(tx, entity, { ...input, isPrimary: true });
	if (held) return held;
	const exclusions = await exclusionsOf(tx, input);
	const others = exclusions.filter(({ kind }) => kind === 'record');
	if (others.length > 0) return excludedRefusal(others);
	await deleteExclusions(tx, exclusions);
	return null;
}

async function suggestAgain(tx: Transaction, pair: SuggestedPair, suggested: Suggested): Promise<string | null> {
	const { score, evidence, ambiguous, best } = suggested;
	const [row] = await tx.execute<{ id: string }>(sql`
		insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, external_variant_id, score, evidence, ambiguous, best)
		values (${pair.channelId}::bigint, ${pair.entity}, ${pair.internalId}::bigint, ${pair.externalId}, ${pair.variantId}, ${score},
			${JSON.stringify(evidence)}::text::jsonb, ${ambiguous}, ${best})
		on conflict do nothing returning id::text as id`);
	return row?.id ?? null;
}
