import { settingsChanged } from '../refusals.ts';
import {
	checkAutoCreate,
	checkMatch,
	checkScope,
	isOtherScope,
	linksAffected,
	settingsAfter,
	sidesToMatch,
	type SaveChannelEntityInput,
	type SaveChannelEntityResult
} from '../save-channel-entity.ts';
import { settingsOf, withChannelSettings } from './channel-settings.ts';
import { fillCandidates } from './fill-candidates.ts';
import { markLinks } from './mark-links.ts';
import { writeAudit } from './person-journal.ts';
import { leaveScope } from './scope-of.ts';
import type { Tables } from './tables.ts';

/** `saveChannelEntity` in memory. */
export function saveChannelEntity(tables: Tables, input: SaveChannelEntityInput): SaveChannelEntityResult {
	return withChannelSettings<SaveChannelEntityResult>(tables, input, (row, entity, name) => {
		const before = settingsOf(row, name);
		const { channelId } = input;
		if (before.settingsRev !== input.settingsRev) return settingsChanged();
		const after = settingsAfter(entity, before, input);
		const refused = checkAutoCreate(entity, after) ?? checkMatch(entity, after) ?? checkScope(entity, after);
		if (refused) return refused;
		// As JSON holds them: what is undefined is not there.
		const policy = JSON.parse(JSON.stringify(after.policy)) as typeof after.policy;
		const { schedule, autoCreateExternal, autoCreateInternal, allowSecondary } = after;
		const settingsRev = row.settingsRev + 1;
		const set = { policy, schedule, autoCreateExternal, autoCreateInternal, allowSecondary, settingsRev };
		tables.channelEntities.replace(row, { ...row, ...set });
		if (isOtherScope(before, after)) leaveScope(tables, entity.name, channelId, policy.scope ?? {});
		if (autoCreateExternal && !before.autoCreateExternal) fillCandidates(tables, entity.name, channelId, 'internal');
		if (autoCreateInternal && !before.autoCreateInternal) fillCandidates(tables, entity.name, channelId, 'external');
		for (const side of sidesToMatch(before, after)) fillCandidates(tables, entity.name, channelId, side);
		const affected = linksAffected(entity, before.policy, after.policy);
		if (affected) markLinks(tables, entity.name, channelId, affected);
		const { channelName: _, settingsRev: _rev, ...detail } = { ...after, policy };
		const object = `channel/${channelId}/${entity.name}`;
		writeAudit(tables, input, { action: 'save-settings', object, channelId, detail });
		return { ok: true, settingsRev };
	});
}
