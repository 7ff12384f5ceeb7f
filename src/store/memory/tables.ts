import type { channel, channelEntity } from '#src/db/schema/channel.ts';
import type { apiToken } from '#src/db/schema/auth.ts';
import type { installation } from '#src/db/schema/sync.ts';
import type { Entity, InternalRecord } from '#src/entities/entity.ts';
import type { MapTable } from '#src/entities/map-table.ts';
import { entities } from '#src/entities/registry.ts';
import { keyIdsOf, keyText } from '#src/sync/match-references.ts';
import { isoFromMicros } from '#src/sync/settle.ts';
import { foreignKeyViolation } from './database-error.ts';
import { decisionTables } from './decision-tables.ts';
import { matchingTables } from './matching-tables.ts';
import { ceilingTables, runTables } from './run-tables.ts';
import { syncTables } from './sync-tables.ts';
import { webhookTables } from './webhook-tables.ts';
import { atomically, compositeKey, keyOf, Table, tableById, type UndoLog } from './table.ts';

/** The database's clock: `now()` and `clock_timestamp()` are both this. */
export type DatabaseClock = {
	/** Microseconds since 1970. */
	nowMicros(): bigint;
};

export type ChannelRow = typeof channel.$inferSelect;
export type ChannelEntityRow = typeof channelEntity.$inferSelect;
export type InstallationRow = typeof installation.$inferSelect;
export type ApiTokenRow = typeof apiToken.$inferSelect;
export type LinkRow = MapTable['$inferSelect'];

/** One record of ours; `record` is what an entity's store hands out. */
export type RecordRow = {
	readonly id: string;
	readonly record: InternalRecord;
	readonly attributes: Readonly<Record<string, string>>;
	/** The code of every match key, by field; null = none. */
	readonly codes: Readonly<Record<string, string | null>>;
};

/** A record of ours that was deleted while it had links. */
export type DeletedRecordRow = { entity: string; recordId: string; row: RecordRow };

/** Records and links of one entity. Write them through triggers.ts only: their triggers are there. */
export type EntityTables = ReturnType<typeof entityTables>;

/**
 * Every table that the verbs work on, by the name of its row. Times are text as `cm_iso` gives it, so that they compare as
 * text. Look-ups take the parts of their key.
 */
export type Tables = ReturnType<typeof createTables>;

/** Empty tables. */
export function createTables(clock: DatabaseClock) {
	const undo: UndoLog = { writes: [], depth: 0 };
	const channels = tableById<ChannelRow>('c_channel', undo);
	const channelNamed = channels.unique('c_channel_name_unique', ({ name }) => name);
	const channelEntities = new Table<ChannelEntityRow>('c_channel_entity', undo, keyOf.channelEntity, false);
	const ofEntity = new Map(entities.map((entity) => [entity.name, entityTables(entity, undo)]));
	const deletedRecords = new Table<DeletedRecordRow>(
		'sync_deleted_record',
		undo,
		({ entity, recordId }) => compositeKey(entity, recordId),
		false
	);
	const installations = new Table<InstallationRow>('sync_installation', undo, ({ id }) => String(id), false);
	const apiTokens = tableById<ApiTokenRow>('api_token', undo);
	const now = isoClock(clock);
	return {
		channels,
		channelNamed,
		channelEntities,
		channelEntity: (channelId: string, entity: string) => channelEntities.get(compositeKey(channelId, entity)),
		apiTokens,
		apiTokenByHash: apiTokens.unique('api_token_token_hash_unique', ({ tokenHash }) => tokenHash),
		installations,
		...matchingTables(undo),
		...decisionTables(undo),
		...runTables(undo),
		...ceilingTables(undo),
		...syncTables(undo),
		...webhookTables(undo),
		entities: ofEntity,
		deletedRecords,
		deletedRecord: (entity: string, recordId: string) => deletedRecords.get(compositeKey(entity, recordId)),
		/** Records and links of the entity of that name, which must be registered. */
		of(entity: string): EntityTables {
			const found = ofEntity.get(entity);
			if (!found) throw new Error(`no entity ${entity}`);
			return found;
		},
		/** `cm_iso(now())`. */
		now: () => now(0),
		/** `cm_iso(now() + ...)`, of milliseconds, which may be negative. */
		nowPlus: (ms: number) => now(Math.round(ms * 1000)),
		/** Throws what a foreign key to c_channel would. */
		requireChannel(table: string, channelId: string) {
			if (!channels.get(channelId)) throw foreignKeyViolation(table, `${table}_c_channel_id_c_channel_id_fk`);
		},
		/** Adds the row of the one installation. */
		addInstallation(key: string, place: Partial<InstallationRow> = {}) {
			installations.insert({ id: 1, key, systemIdentifier: '', databaseName: '', origin: 'default', ...place });
		},
		/** Runs `work` as one transaction: what it wrote is taken back when it throws. May be nested, like a savepoint. */
		atomically: <T>(work: () => T): T => atomically(undo, work)
	};
}

/** The clock's time as text, moved by so many microseconds. Asked all the time, so the text of a second is kept. */
function isoClock(clock: DatabaseClock): (addMicros: number) => string {
	const seconds = new Map<number, string>();
	return (addMicros) => {
		const micros = Number(clock.nowMicros()) + addMicros;
		const second = Math.floor(micros / 1_000_000);
		let text = seconds.get(second);
		if (text === undefined) {
			if (seconds.size > 1000) seconds.clear();
			text = isoFromMicros(BigInt(second) * 1_000_000n).slice(0, -'000000Z'.length);
			seconds.set(second, text);
		}
		return `${text}${String(micros - second * 1_000_000).padStart(6, '0')}Z`;
	};
}

function entityTables(entity: Entity, undo: UndoLog) {
	const { table } = entity.mapNames;
	const links = tableById<LinkRow>(table, undo);
	const external = links.unique(`${table}_external`, (link) =>
		compositeKey(link.channelId, link.externalId, link.variantId)
	);
	const primary = links.unique(`${table}_internal`, (link) =>
		link.isPrimary ? compositeKey(link.channelId, link.internalId) : null
	);
	const records = tableById<RecordRow>(entity.recordTable, undo);
	return {
		entity,
		links,
		linkByExternal: (channelId: string, externalId: string, variantId: string) =>
			external(compositeKey(channelId, externalId, variantId)),
		primaryLink: (channelId: string, internalId: string) => primary(compositeKey(channelId, internalId)),
		/** Links of a record at every channel, secondary ones too. */
		linksOfRecord: links.grouped((link) => link.internalId),
		linksOfChannel: links.grouped((link) => link.channelId),
		/** Links of a channel that wait to be looked at. */
		dirtyLinks: links.grouped((link) => (link.dirtySeq > link.cleanSeq ? link.channelId : null)),
		records,
		/** The record with this search key. */
		recordByValue: records.unique(`${entity.recordTable}_value_unique`, (row) =>
			entity.valueRepeats ? null : String(row.record.fields['value'])
		),
		/** The one record that points to these, where that is what identifies records. */
		recordByKey: records.unique(`${entity.recordTable}_key`, ({ record }) => {
			const ids = entity.keyFields ? keyIdsOf(entity.keyFields, record.fields) : null;
			return ids === null ? null : keyText(ids);
		})
	};
}
