import { entityNamed } from '#src/entities/registry.ts';
import type { CreateChannelInput, CreateChannelResult } from '../create-channel.ts';
import { channelNameTaken, unknownEntity } from '../refusals.ts';
import { insertWatching } from './add-channel-entities.ts';
import { writeAudit } from './person-journal.ts';
import { asJson } from './save-channel.ts';
import { withCredentials } from './save-credentials.ts';
import type { ChannelRow, Tables } from './tables.ts';

/** `createChannel` in memory. */
export function createChannel(tables: Tables, input: CreateChannelInput): CreateChannelResult {
	const unknown = input.entities.find((name) => !entityNamed(name));
	if (unknown !== undefined) return unknownEntity(unknown, { field: 'entities' });
	const { name, connector, entities } = input;
	const channelId = tables.channels.nextId();
	if (tables.channelNamed(name)) return channelNameTaken(name);
	const channel: ChannelRow = {
		id: channelId,
		name,
		connector,
		settings: asJson(input.settings),
		credentials: {},
		credentialsChanged: {},
		pausedAt: null,
		pausedReason: null,
		testedAt: null,
		setUpAt: null,
		deletedAt: null,
		problem: null,
		createdAt: tables.now(),
		updatedAt: tables.now()
	};
	tables.channels.insert(withCredentials(tables, channel, input));
	insertWatching(tables, channelId, entities);
	const detail = { name, connector, entities, credentials: Object.keys(input.credentials) };
	writeAudit(tables, input, { action: 'create-channel', object: `channel/${channelId}`, channelId, detail });
	return { ok: true, channelId };
}
