import { initialPolicy, initialSchedule } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { AddChannelEntitiesInput, AddChannelEntitiesResult } from '../add-channel-entities.ts';
import { unknownChannel, unknownEntity } from '../refusals.ts';
import { writeAudit } from './person-journal.ts';
import type { Tables } from './tables.ts';

/** `addChannelEntities` in memory. */
export function addChannelEntities(tables: Tables, input: AddChannelEntitiesInput): AddChannelEntitiesResult {
	const { channelId } = input;
	const unknown = input.entities.find((name) => !entityNamed(name));
	if (unknown !== undefined) return unknownEntity(unknown, { field: 'entities' });
	const channel = tables.channels.get(channelId);
	if (!channel || channel.deletedAt !== null) return unknownChannel(channelId);
	const added = insertWatching(tables, channelId, input.entities);
	const detail = { entities: added };
	if (added.length > 0)
		writeAudit(tables, input, { action: 'add-entities', object: `channel/${channelId}`, channelId, detail });
	return { ok: true, added };
}

/** `insertWatching` in memory. */
export function insertWatching(tables: Tables, channelId: string, entities: readonly string[]): string[] {
	const added = [...new Set(entities)].filter((name) => entityNamed(name) && !tables.channelEntity(channelId, name));
	for (const entity of added) {
		const { entity: described } = tables.of(entity);
		tables.channelEntities.insert({
			channelId,
			entity,
			pushLive: false,
			pullLive: false,
			autoCreateExternal: false,
			autoCreateInternal: false,
			allowSecondary: false,
			policy: initialPolicy(described),
			schedule: initialSchedule(described),
			cursor: null,
			sweptAt: null,
			failures: 0,
			fingerprint: null,
			settingsRev: 1
		});
	}
	return added.toSorted();
}
