import { isUniqueViolation } from '../postgres-error.ts';
import { channelNameTaken, unknownChannel } from '../refusals.ts';
import type { SaveChannelInput, SaveChannelResult } from '../save-channel.ts';
import { writeAudit } from './person-journal.ts';
import type { ChannelRow, Tables } from './tables.ts';

/** `saveChannel` in memory. */
export function saveChannel(tables: Tables, input: SaveChannelInput): SaveChannelResult {
	const { channelId, name } = input;
	const channel = tables.channels.get(channelId);
	if (!channel) return unknownChannel(channelId);
	const settings = input.settings === undefined ? channel.settings : asJson(input.settings);
	try {
		tables.channels.replace(channel, { ...channel, name, settings, updatedAt: tables.now() });
	} catch (error) {
		if (!isUniqueViolation(error)) throw error;
		return channelNameTaken(name);
	}
	const detail = { name, settings: input.settings === undefined ? 'kept' : 'replaced' };
	writeAudit(tables, input, { action: 'save-channel', object: `channel/${channelId}`, channelId, detail });
	return { ok: true };
}

/** Settings as JSON holds them: what is undefined is not there. */
export function asJson(settings: Readonly<Record<string, unknown>>): ChannelRow['settings'] {
	return JSON.parse(JSON.stringify(settings)) as ChannelRow['settings'];
}
