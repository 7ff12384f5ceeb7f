import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entities } from '#src/entities/registry.ts';
import { writeAudit, writeJournal } from './journal.ts';
import { linkColumns, linkTable, type LinkState } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import { lockPages } from './lock-pages.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { otherName, tooManyLinks, unknownChannel } from './refusals.ts';
import { retrying } from './transaction.ts';
import { archiveLink, endOpenConflicts } from './unlink-records.ts';

export type DeleteChannelInput = Person & {
	channelId: string;
	/** The channel's name as the person typed it. */
	typedName: string;
};
export type DeleteChannelResult = { ok: true; links: number } | Refusal;

/** More links than this are ended in bulk first: a page must not wait for it. */
export const linksDeletedAtMost = 500;
/** Why an ended link cannot come back. */
export const channelDeletedReason = 'channel-deleted';

/**
 * Ends a channel. Its links are archived, its credentials, settings of entities and what was seen of it are gone; journal,
 * audit and runs stay, and so does its row, under another name. Neither side's records are touched.
 */
export async function deleteChannel(db: Db, input: DeleteChannelInput): Promise<DeleteChannelResult> {
	const { channelId } = input;
	return retrying(db, async (tx): Promise<DeleteChannelResult> => {
		for (const entity of entities) {
			await lockPages(tx, channelId, entity.name);
			await lockCreates(tx, channelId, entity.name);
		}
		const [channel] = await tx.execute<{ name: string }>(
			sql`select name from c_channel where id = ${channelId}::bigint and deleted_at is null for update`
		);
		if (!channel) return unknownChannel(channelId);
		if (channel.name !== input.typedName.trim()) return otherName(channel.name);
		const found: { entity: Entity; links: LinkState[] }[] = [];
		for (const entity of entities) found.push({ entity, links: await lockLinks(tx, entity, channelId) });
		const count = found.reduce((sum, { links }) => sum + links.length, 0);
		if (count > linksDeletedAtMost) return tooManyLinks(channel.name, linksDeletedAtMost);
		for (const { entity, links } of found) for (const link of links) await endLink(tx, input, entity, link);
		await forget(tx, channelId);
		await tx.execute(sql`
			update c_channel set deleted_at = now(), name = ${deletedName(channel.name, channelId)}, credentials = '{}', credentials_changed = '{}',
				problem = null, paused_at = now(), paused_reason = 'deleted', updated_at = now() where id = ${channelId}::bigint`);
		const detail = { name: channel.name, links: count };
		await writeAudit(tx, input, { action: 'delete-channel', object: `channel/${channelId}`, channelId, detail });
		return { ok: true, links: count };
	});
}

/** The name under which a deleted channel is shown: its own is free again. */
export function deletedName(name: string, channelId: string): string {
	return `${name} (deleted, ${channelId})`;
}

async function lockLinks(tx: Transaction, entity: Entity, channelId: string): Promise<LinkState[]> {
	const links = await tx.execute<LinkState>(sql`
		select ${linkColumns(entity)} from ${linkTable(entity).map} m where m.c_channel_id = ${channelId}::bigint
		order by m.id limit ${linksDeletedAtMost + 1} for update`);
	return [...links];
}

async function endLink(tx: Transaction, input: DeleteChannelInput, entity: Entity, link: LinkState): Promise<void> {
	const reason = channelDeletedReason;
	const historyId = await archiveLink(tx, entity, link, { endedBy: input.actor.name, reason });
	await tx.execute(sql`delete from ${linkTable(entity).map} where id = ${link.id}::bigint`);
	await endOpenConflicts(tx, entity, link.id);
	const { id: linkId, channelId, internalId, externalId, variantId, baseInternal, baseExternal } = link;
	const inputs = { historyId, reason, baseInternal, baseExternal };
	const about = { channelId, entity: entity.name, linkId, internalId, externalId, variantId };
	await writeJournal(tx, input, { ...about, action: 'unlink', inputs, linkState: { ended: true } });
}

/** What belongs to a channel that is there, and is no evidence of anything. */
async function forget(tx: Transaction, channelId: string): Promise<void> {
	const tables = [
		'sync_candidate',
		'sync_awaiting',
		'c_channel_suggestion',
		'c_channel_exclusion',
		'sync_intent',
		'c_channel_record',
		'c_channel_entity',
		'c_channel_webhook',
		'c_channel_value',
		'sync_webhook',
		'sync_hint'
	];
	for (const table of tables)
		await tx.execute(sql`delete from ${sql.identifier(table)} where c_channel_id = ${channelId}::bigint`);
	await tx.execute(sql`
		update sync_hold set state = 'discarded', decided_at = now() where c_channel_id = ${channelId}::bigint and state = 'open'`);
}
