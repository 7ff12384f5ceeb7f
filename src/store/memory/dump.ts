import { getTableColumns, getTableName, type Table as DrizzleTable } from 'drizzle-orm';
import { apiToken } from '#src/db/schema/auth.ts';
import { bulkJob } from '#src/db/schema/bulk.ts';
import { channel, channelEntity } from '#src/db/schema/channel.ts';
import { customField } from '#src/db/schema/custom-field.ts';
import { auditEvent, conflict, decision, linkHistory } from '#src/db/schema/decisions.ts';
import { candidate, channelRecord, exclusion, suggestion } from '#src/db/schema/matching.ts';
import { awaiting } from '#src/db/schema/references.ts';
import { batch, ceiling, hold, item, run } from '#src/db/schema/runs.ts';
import { installation, intent, linkCount, outbox } from '#src/db/schema/sync.ts';
import { valuePair } from '#src/db/schema/value-table.ts';
import { channelWebhook, hint, webhook } from '#src/db/schema/webhook.ts';
import { columnOf } from '#src/entities/entity.ts';
import { compareIds, compareText } from './table.ts';
import type { EntityTables, RecordRow, Tables } from './tables.ts';

type DumpRow = Readonly<Record<string, unknown>>;

/** Every table by its SQL name: rows in the order of their primary key, by SQL column. */
export type Dump = Record<string, readonly DumpRow[]>;

/**
 * The whole content, to be compared with a database's: values as `to_jsonb(row)` prints them, but times as `cm_iso` does,
 * and bigints and decimals as text with all their digits.
 */
export function dump(tables: Tables): Dump {
	const rows: [DrizzleTable, Iterable<object>, string[]][] = [
		[channel, tables.channels.all(), ['id']],
		[channelEntity, tables.channelEntities.all(), ['c_channel_id', 'entity']],
		[apiToken, tables.apiTokens.all(), ['id']],
		[auditEvent, tables.auditEvents.all(), ['id']],
		[conflict, tables.conflicts.all(), ['id']],
		[decision, tables.decisions.all(), ['id']],
		[linkHistory, tables.linkHistory.all(), ['id']],
		[bulkJob, tables.bulkJobs.all(), ['id']],
		[candidate, tables.candidates.all(), ['c_channel_id', 'entity', 'side', 'record_id', 'external_variant_id']],
		[awaiting, tables.awaiting.all(), ['c_channel_id', 'entity', 'owner', 'owner_id', 'external_variant_id', 'field']],
		[channelRecord, tables.channelRecords.all(), ['c_channel_id', 'entity', 'external_id', 'external_variant_id']],
		[exclusion, tables.exclusions.all(), ['id']],
		[suggestion, tables.suggestions.all(), ['id']],
		[run, tables.runs.all(), ['id']],
		[batch, tables.batches.all(), ['id']],
		[item, tables.items.all(), ['id']],
		[ceiling, tables.ceilings.all(), ['c_channel_id', 'entity', 'kind', 'hour']],
		[hold, tables.holds.all(), ['id']],
		[installation, tables.installations.all(), ['id']],
		[intent, tables.intents.all(), ['id']],
		[linkCount, tables.linkCounts.all(), ['id']],
		[outbox, tables.outbox.all(), ['id']],
		[channelWebhook, tables.channelWebhooks.all(), ['c_channel_id']],
		[webhook, tables.webhooks.all(), ['c_channel_id', 'hook_id']],
		[hint, tables.hints.all(), ['c_channel_id', 'entity', 'external_id', 'external_variant_id']],
		[customField, tables.customFields.all(), ['id']],
		[valuePair, tables.valuePairs.all(), ['id']],
		...[...tables.entities.values()].flatMap(dumpedEntity)
	];
	return Object.fromEntries(
		rows.map(([table, content, key]) => [getTableName(table), inKeyOrder(key, printed(table, content))])
	);
}

function dumpedEntity({ entity, links, records }: EntityTables): [DrizzleTable, Iterable<object>, string[]][] {
	const columns = Object.entries(getTableColumns(entity.record));
	const fieldOf = (column: string) => entity.fields.find((field) => columnOf(field) === column)?.name ?? column;
	const columnNamed = (name: string) => entity.fields.find((field) => field.name === name)?.column ?? name;
	const hasFlag = entity.fields.some(({ name }) => name === 'is_active');
	const row = ({ record, attributes }: RecordRow) => ({
		...Object.fromEntries(columns.map(([property, column]) => [property, record.fields[fieldOf(column.name)]])),
		...record,
		// The column is there, whether or not the entity has such a field.
		...(!hasFlag && { isActive: true }),
		changed: Object.fromEntries(Object.entries(record.changed).map(([field, time]) => [columnNamed(field), time])),
		attributes
	});
	return [
		[entity.map, links.all(), ['id']],
		[entity.record, [...records.all()].map(row), ['id']]
	];
}

function printed(table: DrizzleTable, rows: Iterable<object>): DumpRow[] {
	const columns = Object.entries(getTableColumns(table));
	return [...rows].map((row) =>
		Object.fromEntries(
			columns.map(([property, column]) => [
				column.name,
				printedValue(column.getSQLType(), (row as Record<string, unknown>)[property] ?? null)
			])
		)
	);
}

function printedValue(type: string, value: unknown): unknown {
	if (value === null) return null;
	if (type === 'bigint' || type === 'bigserial') return String(value);
	// What jsonb never holds is not printed either.
	return type === 'jsonb' ? (JSON.parse(JSON.stringify(value)) as unknown) : value;
}

function inKeyOrder(key: readonly string[], rows: DumpRow[]): DumpRow[] {
	return rows.sort((one, other) => {
		for (const column of key) {
			const compare = column === 'id' || column === 'c_channel_id' ? compareIds : compareText;
			const order = compare(String(one[column]), String(other[column]));
			if (order !== 0) return order;
		}
		return 0;
	});
}
