import { standsStill, type GiveBackInput, type GiveBackResult } from '../give-back.ts';
import { refusedValue } from '../postgres-error.ts';
import { changedSince, nothingToGiveBack, ourRecordGone, unknownLink, valueTaken } from '../refusals.ts';
import { entityIn, recordIn } from './custom-fields.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { compareAndSet } from './record-store.ts';
import type { Tables } from './tables.ts';

/** `giveBack` in memory. */
export function giveBack(tables: Tables, input: GiveBackInput): GiveBackResult {
	try {
		return tables.atomically(() => give(tables, input));
	} catch (error) {
		if (refusedValue(error) !== 'taken') throw error;
		return valueTaken();
	}
}

function give(tables: Tables, input: GiveBackInput): GiveBackResult {
	const { decisionId, side } = input;
	const at = tables.decisions.get(decisionId);
	const entity = entityIn(tables, at?.entity ?? '');
	const change = at?.changes.find((each) => each.field === input.field && each.side === side);
	const field = entity?.fields.find(({ name }) => name === input.field);
	if (!at?.linkId || !entity || !change || !field) return nothingToGiveBack();
	const link = tables.of(entity.name).links.get(at.linkId);
	if (!link) return unknownLink();
	const record = recordIn(tables, entity, link.internalId);
	if (!record) return ourRecordGone('There is nothing left to change.');
	if (!standsStill(change, field, link, record)) return changedSince(field.label);
	const now = record.fields[field.name] ?? null;
	const value = change.before;
	const write = { id: record.id, rev: record.rev, fields: { [field.name]: value }, changed: {} };
	if (!compareAndSet(tables, entity, [write]).has(record.id)) return changedSince(field.label);
	const { id: linkId, channelId, internalId, externalId, variantId } = link;
	writeJournal(tables, input, {
		channelId,
		entity: entity.name,
		linkId,
		internalId,
		externalId,
		variantId,
		action: 'give-back',
		inputs: { decisionId, side },
		changes: [{ field: field.name, side: 'internal', before: now, after: value, rule: 'person', lost: now }]
	});
	const detail = { decisionId, field: field.name, side };
	writeAudit(tables, input, { action: 'give-back', object: `${entity.name}-link/${linkId}`, channelId, detail });
	return { ok: true, entity: entity.name, field: field.name, linkId, internalId, channelId, value };
}
