import type { Entity } from '#src/entities/entity.ts';
import type { ChannelSettings } from '../channel-settings.ts';
import type { Refusal } from '../refusal.ts';
import { notCarried, unknownChannel, unknownEntity } from '../refusals.ts';
import { entityIn } from './custom-fields.ts';
import type { ChannelEntityRow, Tables } from './tables.ts';

/** `withChannelSettings` in memory: the settings' row with their entity and the channel's name, or why there are none. */
export function withChannelSettings<T>(
	tables: Tables,
	input: { channelId: string; entity: string },
	work: (row: ChannelEntityRow, entity: Entity, channelName: string) => T | Refusal
): T | Refusal {
	const entity = entityIn(tables, input.entity);
	if (!entity) return unknownEntity(input.entity);
	const channel = tables.channels.get(input.channelId);
	if (!channel) return unknownChannel(input.channelId);
	const row = tables.channelEntity(input.channelId, entity.name);
	return row ? work(row, entity, channel.name) : notCarried(channel.name, entity);
}

/** A row of settings as `withChannelSettings` hands it out. */
export function settingsOf(row: ChannelEntityRow, channelName: string): ChannelSettings {
	return {
		channelName,
		pushLive: row.pushLive,
		pullLive: row.pullLive,
		autoCreateExternal: row.autoCreateExternal,
		autoCreateInternal: row.autoCreateInternal,
		allowSecondary: row.allowSecondary,
		policy: row.policy,
		schedule: row.schedule,
		settingsRev: row.settingsRev
	};
}
