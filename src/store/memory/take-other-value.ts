import { canonical } from '#src/sync/fields.ts';
import { isPointing } from '#src/sync/reference.ts';
import { isUniqueViolation } from '../postgres-error.ts';
import { changedSince, chosenByHand, nothingToTakeBack, ourRecordGone, unknownLink, valueTaken } from '../refusals.ts';
import type { TakeOtherValueInput, TakeOtherValueResult } from '../take-other-value.ts';
import { entityIn, recordIn } from './custom-fields.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { compareAndSet } from './record-store.ts';
import type { Tables } from './tables.ts';

/** `takeOtherValue` in memory. */
export function takeOtherValue(tables: Tables, input: TakeOtherValueInput): TakeOtherValueResult {
	try {
		return tables.atomically(() => take(tables, input));
	} catch (error) {
		if (!isUniqueViolation(error)) throw error;
		return valueTaken();
	}
}

function take(tables: Tables, input: TakeOtherValueInput): TakeOtherValueResult {
	const conflict = tables.conflicts.get(input.conflictId);
	const entity = entityIn(tables, conflict?.entity ?? '');
	if (!conflict || !entity) return nothingToTakeBack();
	const link = tables.of(entity.name).links.get(conflict.linkId);
	if (!link) return unknownLink();
	const { winner } = conflict;
	if (conflict.state !== 'settled' || conflict.reversedBy !== null || winner === null) return nothingToTakeBack();
	if (conflict.externalId !== link.externalId || conflict.variantId !== link.variantId) return nothingToTakeBack();
	const record = recordIn(tables, entity, link.internalId);
	const field = entity.fields.find(({ name }) => name === conflict.field);
	if (!record || !field) return ourRecordGone('There is nothing left to change.');
	const translated = [...tables.decisionsOfRecord(entity.name, link.internalId)].some(
		({ linkId, changes }) =>
			linkId === link.id && changes.some((change) => change.field === field.name && change.table !== undefined)
	);
	if (isPointing(field.type) || translated) return chosenByHand(field.label);
	const { internal, external } = conflict;
	const [won, lost] = winner === 'internal' ? [internal, external] : [external, internal];
	const now = record.fields[field.name] ?? null;
	if (canonical(field.type, now) !== canonical(field.type, won)) return changedSince(field.label);
	const write = { id: record.id, rev: record.rev, fields: { [field.name]: lost }, changed: {} };
	if (!compareAndSet(tables, entity, [write]).has(record.id)) return changedSince(field.label);
	tables.conflicts.replace(conflict, { ...conflict, reversedBy: input.actor.name });
	const { id: linkId, channelId, internalId, externalId, variantId } = link;
	const about = { channelId, entity: entity.name, linkId, internalId, externalId, variantId };
	const { conflictId } = input;
	const side = 'internal' as const;
	writeJournal(tables, input, {
		...about,
		action: 'take-other',
		inputs: { conflictId, winner },
		changes: [{ field: field.name, side, before: now, after: lost, rule: 'person', lost: now }]
	});
	const detail = { conflictId, field: field.name };
	writeAudit(tables, input, { action: 'take-other', object: `${entity.name}-link/${linkId}`, channelId, detail });
	return { ok: true, entity: entity.name, field: field.name, linkId, internalId, value: lost };
}
