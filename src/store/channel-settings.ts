import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityIn } from './custom-fields.ts';
import { lockPages } from './lock-pages.ts';
import type { Refusal } from './refusal.ts';
import { notCarried, unknownChannel, unknownEntity } from './refusals.ts';
import type { ChannelEntityPolicy, Schedule } from '#src/sync/policy.ts';
import { retrying } from './transaction.ts';

/** What a channel does for one entity, as it stands before a change. */
export type ChannelSettings = {
	channelName: string;
	pushLive: boolean;
	pullLive: boolean;
	autoCreateExternal: boolean;
	autoCreateInternal: boolean;
	allowSecondary: boolean;
	policy: ChannelEntityPolicy;
	schedule: Schedule;
	settingsRev: number;
};

/** Runs `work` with the settings of one channel and entity locked; refuses where one of the two does not exist. */
export async function withChannelSettings<T>(
	db: Db,
	input: { channelId: string; entity: string },
	work: (tx: Transaction, entity: Entity, settings: ChannelSettings) => Promise<T | Refusal>
): Promise<T | Refusal> {
	const entity = await entityIn(db, input.entity);
	if (!entity) return unknownEntity(input.entity);
	return retrying(db, async (tx) => {
		await lockPages(tx, input.channelId, entity.name);
		const [settings] = await tx.execute<ChannelSettings>(sql`
			select c.name as "channelName", e.push_live as "pushLive", e.pull_live as "pullLive", e.auto_create_external as "autoCreateExternal",
				e.auto_create_internal as "autoCreateInternal", e.allow_secondary as "allowSecondary", e.policy, e.schedule, e.settings_rev as "settingsRev"
			from c_channel_entity e join c_channel c on c.id = e.c_channel_id
			where e.c_channel_id = ${input.channelId}::bigint and e.entity = ${entity.name} for update of e`);
		if (settings) return work(tx, entity, settings);
		const [channel] = await tx.execute<{ name: string }>(
			sql`select name from c_channel where id = ${input.channelId}::bigint`
		);
		return channel ? notCarried(channel.name, entity) : unknownChannel(input.channelId);
	});
}
