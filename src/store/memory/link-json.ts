import { getTableColumns } from 'drizzle-orm';
import type { MapTable } from '#src/entities/map-table.ts';
import type { LinkRow } from './tables.ts';

type Column = { key: string; name: string; type: string; isBigInt: boolean };

const columnsByTable = new Map<MapTable, Column[]>();

/** `to_jsonb` of a link's row: SQL names, numbers as numbers, times as PostgreSQL writes them into JSON. */
export function linkToJson(map: MapTable, link: LinkRow): Record<string, unknown> {
	const values = link as unknown as Record<string, unknown>;
	return Object.fromEntries(columnsOf(map).map((column) => [column.name, toJson(column, values[column.key])]));
}

/** `jsonb_populate_record` of what `linkToJson` gave. */
export function linkFromJson(map: MapTable, json: Record<string, unknown>): LinkRow {
	const values = columnsOf(map).map((column) => [column.key, fromJson(column, json[column.name] ?? null)]);
	return Object.fromEntries(values) as LinkRow;
}

function columnsOf(map: MapTable): Column[] {
	const known = columnsByTable.get(map);
	if (known) return known;
	const columns = Object.entries(getTableColumns(map)).map(([key, column]) => ({
		key,
		name: column.name,
		type: column.getSQLType(),
		isBigInt: column.dataType === 'bigint'
	}));
	columnsByTable.set(map, columns);
	return columns;
}

function toJson({ type }: Column, value: unknown): unknown {
	if (value === null || value === undefined) return null;
	if (type === 'bigint') return Number(value);
	return type === 'timestamptz' ? jsonTime(String(value)) : value;
}

function fromJson({ type, isBigInt }: Column, value: unknown): unknown {
	if (value === null) return null;
	if (type === 'bigint') return isBigInt ? BigInt(Number(value)) : String(value);
	return type === 'timestamptz' ? isoTime(String(value)) : value;
}

/** `2026-01-02T03:04:05.120000Z` -> `2026-01-02T03:04:05.12+00:00` */
function jsonTime(iso: string): string {
	const [seconds = '', fraction = ''] = iso.slice(0, -1).split('.');
	const digits = fraction.replace(/0+$/, '');
	return `${digits === '' ? seconds : `${seconds}.${digits}`}+00:00`;
}

/** The way back. */
function isoTime(json: string): string {
	const [seconds = '', fraction = ''] = json.slice(0, -'+00:00'.length).split('.');
	return `${seconds}.${fraction.padEnd(6, '0')}Z`;
}
