import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { excludedRefusal } from '../exclusions.ts';
import type { Suggested, SuggestedPair } from '../judge-suggestion.ts';
import type { Refusal } from '../refusal.ts';
import { judgementNotUndoable, unknownEntity } from '../refusals.ts';
import { undoing, type UndoJudgementInput, type UndoJudgementResult } from '../undo-judgement.ts';
import { deleteExclusions, exclusionsOf, insertExclusions } from './exclusions.ts';
import { heldBy } from './find-holder.ts';
import { joinWaitingLists, leaveWaitingLists } from './leave-waiting-lists.ts';
import { deleteLinkRows } from './link-triggers.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { inIdOrder } from './table.ts';
import type { Tables } from './tables.ts';
import { archiveLink, endOpenConflicts } from './unlink-records.ts';

/** `undoJudgement` in memory. */
export function undoJudgement(tables: Tables, input: UndoJudgementInput): UndoJudgementResult {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const judgement = lastJudgement(tables, input);
	const suggestion = (judgement?.inputs['suggestion'] as Suggested | undefined) ?? null;
	const undone = judgement && undoing({ action: judgement.action, suggestion });
	if (!judgement || !undone) return judgementNotUndoable();
	const { linkId } = judgement;
	const refused =
		undone === 'reject' ? endReject(tables, entity, input) : endLink(tables, entity, input, linkId ?? '0');
	if (refused) return refused;
	for (const { kind, side, reason } of (judgement.inputs['overridden'] as Overridden[] | undefined) ?? []) {
		const marks = { pair: kind === 'pair', internal: side === 'internal', external: side === 'external' };
		insertExclusions(tables, input, { ...marks, reason, createdBy: input.actor.name });
	}
	const suggestionId = suggestion && suggestAgain(tables, input, suggestion);
	joinWaitingLists(tables, input);
	const { channelId, internalId, externalId, variantId } = input;
	const about = { channelId, entity: entity.name, linkId, internalId, externalId, variantId };
	const linkState = undone === 'reject' ? null : ({ ended: true } as const);
	writeJournal(tables, input, { ...about, action: `undo-${undone}`, linkState });
	const detail = { entity: entity.name, internalId, externalId, variantId, linkId };
	const object = undone === 'link' ? `${entity.name}-link/${linkId ?? ''}` : `suggestion/${suggestionId ?? ''}`;
	writeAudit(tables, input, { action: `undo-${undone}`, object, channelId, detail });
	return { ok: true, undone, suggestionId };
}

type Overridden = { kind: string; side: string | null; reason: string };

const judging = new Set(['link', 'reject', 'undo-accept', 'undo-reject', 'undo-link']);

function lastJudgement(tables: Tables, pair: SuggestedPair) {
	const about = [...tables.decisions.all()].filter(
		(row) =>
			row.entity === pair.entity &&
			row.internalId === pair.internalId &&
			row.channelId === pair.channelId &&
			row.externalId === pair.externalId &&
			row.variantId === pair.variantId &&
			judging.has(row.action)
	);
	return inIdOrder(about).at(-1);
}

function endLink(tables: Tables, entity: Entity, input: UndoJudgementInput, linkId: string): Refusal | null {
	const link = tables.of(entity.name).links.get(linkId);
	if (link?.externalId !== input.externalId || link.variantId !== input.variantId) return judgementNotUndoable();
	archiveLink(tables, entity, link, { endedBy: input.actor.name, reason: 'undone' });
	deleteLinkRows(tables, entity.name, [link]);
	endOpenConflicts(tables, entity.name, link.id);
	leaveWaitingLists(tables, input);
	return null;
}

function endReject(tables: Tables, entity: Entity, input: UndoJudgementInput): Refusal | null {
	const held = heldBy(tables, entity.name, { ...input, isPrimary: true });
	if (held) return held;
	const exclusions = exclusionsOf(tables, input);
	const others = exclusions.filter(({ kind }) => kind === 'record');
	if (others.length > 0) return excludedRefusal(others);
	deleteExclusions(tables, exclusions);
	return null;
}

function suggestAgain(tables: Tables, pair: SuggestedPair, suggested: Suggested): string | null {
	const { channelId, entity, internalId, externalId, variantId } = pair;
	const id = tables.suggestions.nextId();
	if (tables.suggestionOfPair(channelId, entity, internalId, externalId, variantId)) return null;
	const { score, evidence, ambiguous, best } = suggested;
	const judged = { score, evidence, ambiguous, best, createdAt: tables.now() };
	tables.suggestions.insert({ id, channelId, entity, internalId, externalId, variantId, ...judged });
	return id;
}
