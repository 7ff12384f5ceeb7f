import { z } from 'zod';
import type { Fields } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { normalForms, partOf, readable, type TrytonEntity, type TrytonRow, versionOf } from './entity.ts';
import { parsed } from './rpc.ts';
import type { TrytonSettings } from './settings.ts';
import {
	changedSince,
	changedUntil,
	type Domain,
	noStamp,
	stampNames,
	stampOf,
	tagNames,
	type WireDateTime,
	wireId,
	wireStamps,
	wireTag
} from './wire.ts';

/** What is read of every such row, besides its own columns. */
export const singleRow = z.object({ id: wireId, write_uid: wireId.nullable(), ...wireTag });
const entrySchema = z.object({ id: wireId, ...wireStamps });

/** A record that is one row of Tryton, as it was read. */
export type SingleRow<Raw> = TrytonRow & { raw: Raw };

/** What differs between the entities whose records are one row each. */
export type SingleRowEntity<Raw extends z.output<typeof singleRow>> = {
	model: string;
	only?: Domain;
	isRecord?(raw: Raw): boolean;
	fields: readonly FieldCodec[];
	/** Those that other rows have a say in. */
	uncovered?: readonly string[];
	fingerprint: string;
	/** Its own columns; `schema` checks them with those of `singleRow`. */
	columns: readonly string[];
	schema: z.ZodType<Raw>;
	/** Values by our names, why some cannot be told, and what its stamp does not cover. */
	values(raw: Raw): { values: Fields; unreadable?: Readonly<Record<string, string>>; unstamped?: object };
	reference?(raw: Raw): string | null;
	/** Columns of a write, or of a create where there is no row yet. May throw `rejected`. */
	written(normal: Fields, raw: Raw | undefined): Record<string, unknown>;
	/** Absent = those whose own stamp lies there. */
	changed?(since: WireDateTime): Domain;
	withCode(code: string): Domain;
	matching(pattern: string): Domain;
	creating?: NonNullable<TrytonEntity<SingleRow<Raw>>['creating']>;
};

/** The entity that this describes. */
export function singleRowEntity<Raw extends z.output<typeof singleRow>>(
	{ values, reference, written, schema, isRecord, uncovered = [], ...described }: SingleRowEntity<Raw>,
	settings: TrytonSettings,
	from: string
): TrytonEntity<SingleRow<Raw>> {
	const { model, fields, columns, changed = changedSince } = described;
	return {
		...described,
		...(isRecord && { isRecord: ({ raw }: SingleRow<Raw>) => isRecord(raw) }),
		stampCovers: fields.flatMap(({ name }) => (uncovered.includes(name) ? [] : [name])),
		columns: [...columns, 'write_uid', ...tagNames],
		stampColumns: stampNames,
		entry(raw) {
			const row = parsed(entrySchema, raw, from, model);
			return { id: row.id, stamp: stampOf(row) ?? noStamp };
		},
		row(found) {
			const raw = parsed(schema, found, from, model);
			const parts = [partOf(model, raw)] as const;
			const told = values(raw);
			const { fields: read, unreadable } = readable(fields, told.values);
			const untold = { ...told.unreadable, ...unreadable };
			return {
				id: raw.id,
				raw,
				parts,
				writeUid: raw.write_uid,
				record: {
					id: String(raw.id),
					variantId: '',
					version: versionOf(parts, told.unstamped),
					stamp: stampOf(raw),
					fields: read,
					...(Object.keys(untold).length > 0 && { unreadable: untold }),
					reference: reference?.(raw) ?? null,
					url: `${settings.url}/#${encodeURIComponent(settings.database)}/model/${model}/${raw.id}`
				}
			};
		},
		rowIdOf: (key) => (/^\d{1,15}$/.test(key.id) && key.variantId === '' ? Number(key.id) : null),
		changed: (since) => changed(since),
		stampedBetween: (first, last) => [changedSince(first), changedUntil(last)],
		async update(row, given) {
			const changes = written(normalForms(fields, given), row.raw);
			return { model, id: row.id, values: changes, touched: [row.parts[0].ref] };
		}
	};
}

/** The row that a reference to a record of another entity means, none for null. Throws `rejected` for what is no row's id. */
export function referencedRow(value: unknown): number | null {
	if (value === null) return null;
	const [, id] = /^(?:\d{1,15}\/)?(\d{1,15})$/.exec(String(value)) ?? [];
	if (id !== undefined) return Number(id);
	const reply = `"${String(value)}" is no record of Tryton.`;
	throw new ConnectorError('rejected', { hint: `${reply} Link what this record points to anew.`, reply });
}
