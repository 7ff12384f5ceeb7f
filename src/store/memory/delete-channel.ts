import {
	channelDeletedReason,
	deletedName,
	linksDeletedAtMost,
	type DeleteChannelInput,
	type DeleteChannelResult
} from '../delete-channel.ts';
import { otherName, tooManyLinks, unknownChannel } from '../refusals.ts';
import { deleteLinkRows } from './link-triggers.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { compareIds } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';
import { archiveLink, endOpenConflicts } from './unlink-records.ts';

/** `deleteChannel` in memory. */
export function deleteChannel(tables: Tables, input: DeleteChannelInput): DeleteChannelResult {
	const { channelId } = input;
	const channel = tables.channels.get(channelId);
	if (!channel || channel.deletedAt !== null) return unknownChannel(channelId);
	const { name } = channel;
	if (name !== input.typedName.trim()) return otherName(name);
	const found = [...tables.entities.values()].map(({ entity, linksOfChannel }) => ({
		entity,
		links: [...linksOfChannel(channelId)].toSorted((one, other) => compareIds(one.id, other.id))
	}));
	const count = found.reduce((sum, { links }) => sum + links.length, 0);
	if (count > linksDeletedAtMost) return tooManyLinks(name, linksDeletedAtMost);
	for (const { entity, links } of found) for (const link of links) endLink(tables, input, entity, link);
	forget(tables, channelId);
	const now = tables.now();
	tables.channels.replace(channel, {
		...channel,
		deletedAt: now,
		name: deletedName(name, channelId),
		credentials: {},
		credentialsChanged: {},
		problem: null,
		pausedAt: now,
		pausedReason: 'deleted',
		updatedAt: now
	});
	const detail = { name, links: count };
	writeAudit(tables, input, { action: 'delete-channel', object: `channel/${channelId}`, channelId, detail });
	return { ok: true, links: count };
}

function endLink(
	tables: Tables,
	input: DeleteChannelInput,
	entity: Parameters<typeof archiveLink>[1],
	link: LinkRow
): void {
	const reason = channelDeletedReason;
	const historyId = archiveLink(tables, entity, link, { endedBy: input.actor.name, reason });
	deleteLinkRows(tables, entity.name, [link]);
	endOpenConflicts(tables, entity.name, link.id);
	const { id: linkId, channelId, internalId, externalId, variantId, baseInternal, baseExternal } = link;
	const inputs = { historyId, reason, baseInternal, baseExternal };
	const about = { channelId, entity: entity.name, linkId, internalId, externalId, variantId };
	writeJournal(tables, input, { ...about, action: 'unlink', inputs, linkState: { ended: true } });
}

function forget(tables: Tables, channelId: string): void {
	const { awaiting, candidates, suggestions, exclusions, intents, channelRecords, channelEntities, holds } = tables;
	const { channelWebhooks, valuePairs, webhooks, hints } = tables;
	const clear = <Row extends { channelId: string }>(table: { all(): Iterable<Row>; remove(row: Row): void }) => {
		for (const row of [...table.all()]) if (row.channelId === channelId) table.remove(row);
	};
	clear(awaiting);
	clear(candidates);
	clear(suggestions);
	clear(exclusions);
	clear(intents);
	clear(channelRecords);
	clear(channelEntities);
	clear(channelWebhooks);
	clear(valuePairs);
	clear(webhooks);
	clear(hints);
	for (const row of [...holds.all()]) {
		if (row.channelId === channelId && row.state === 'open')
			holds.replace(row, { ...row, state: 'discarded', decidedAt: tables.now() });
	}
}
