import type { Entity } from '#src/entities/entity.ts';
import { canonical } from '#src/sync/fields.ts';
import type { FirstContactRule } from '#src/sync/policy.ts';
import { choiceAgainstDirection, firstContactAsked, type FirstContactCounts } from '../first-contact.ts';
import { fieldFlowsOneWay, firstContactMoved, nothingChosen, settingsChanged } from '../refusals.ts';
import {
	sameCounts,
	settledAfter,
	type SettleFirstContactInput,
	type SettleFirstContactResult
} from '../settle-first-contact.ts';
import { withChannelSettings } from './channel-settings.ts';
import type { ConflictRow } from './decision-tables.ts';
import { grantEffects } from './grant-effects.ts';
import { markLinks } from './mark-links.ts';
import { writeAudit } from './person-journal.ts';
import { compareIds } from './table.ts';
import type { Tables } from './tables.ts';

/** `settleFirstContact` in memory. */
export function settleFirstContact(tables: Tables, input: SettleFirstContactInput): SettleFirstContactResult {
	if (Object.keys(input.choices).length === 0) return nothingChosen();
	return withChannelSettings<SettleFirstContactResult>(tables, input, (row, entity) => {
		const { channelId, choices } = input;
		if (row.settingsRev !== input.settingsRev) return settingsChanged();
		const wrong = choiceAgainstDirection(row.policy, choices);
		if (wrong !== null) return fieldFlowsOneWay(wrong);
		const open = [...tables.conflicts.all()].filter(
			(conflict) =>
				conflict.channelId === channelId &&
				conflict.entity === entity.name &&
				conflict.state === 'open' &&
				conflict.rule === firstContactAsked
		);
		for (const [field, rule] of Object.entries(choices)) {
			const ofField = open.filter((conflict) => conflict.field === field);
			if (rule !== 'ask' && !sameCounts(countsOf(entity, ofField), input.counts[field]))
				return firstContactMoved(field);
		}
		const links = linksWritten(entity, open, choices);
		const ids = [...tables.of(entity.name).linksOfChannel(channelId)].map(({ id }) => id).toSorted(compareIds);
		const set = { upToLinkId: ids.at(-1) ?? '0', fingerprint: row.fingerprint };
		const policy = { ...row.policy, settled: settledAfter(row.policy, choices, set) };
		tables.channelEntities.replace(row, { ...row, policy, settingsRev: row.settingsRev + 1 });
		if (links > 0) grantEffects(tables, { channelId, entity: entity.name, kind: 'updates', count: links });
		markLinks(tables, entity.name, channelId, 'waiting');
		const detail = { choices, counts: input.counts, links, upToLinkId: set.upToLinkId };
		const object = `channel/${channelId}/${entity.name}`;
		writeAudit(tables, input, { action: 'settle-first-contact', object, channelId, detail });
		return { ok: true, links };
	});
}

function isEmpty(entity: Entity, { field }: ConflictRow, value: ConflictRow['internal']): boolean {
	const type = entity.fields.find(({ name }) => name === field)?.type ?? 'text';
	return canonical(type, value) === null;
}

function countsOf(entity: Entity, conflicts: readonly ConflictRow[]): FirstContactCounts {
	const counts = { internalEmpty: 0, externalEmpty: 0, differing: 0 };
	for (const conflict of conflicts) {
		if (isEmpty(entity, conflict, conflict.internal)) counts.internalEmpty++;
		else if (isEmpty(entity, conflict, conflict.external)) counts.externalEmpty++;
		else counts.differing++;
	}
	return counts;
}

function linksWritten(
	entity: Entity,
	open: readonly ConflictRow[],
	choices: Readonly<Record<string, FirstContactRule>>
): number {
	const written = open.filter((conflict) => {
		const rule = choices[conflict.field] ?? 'ask';
		if (rule === 'fill-blanks')
			return isEmpty(entity, conflict, conflict.internal) || isEmpty(entity, conflict, conflict.external);
		return rule !== 'ask';
	});
	return new Set(written.map(({ linkId }) => linkId)).size;
}
