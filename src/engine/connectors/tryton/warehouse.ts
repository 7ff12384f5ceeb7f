import { z } from 'zod';
import { canonical } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import { oneLine, type TrytonEntity } from './entity.ts';
import { type SingleRow, singleRow, singleRowEntity } from './single-row.ts';
import type { TrytonSettings } from './settings.ts';
import { wireFlag } from './wire.ts';

const rowSchema = singleRow.extend({ name: z.string().nullable(), code: z.string().nullable(), active: wireFlag });
type LocationRow = z.output<typeof rowSchema>;

/**
 * A warehouse is a location of that type (module stock). It is set up in Tryton by a person, with its zones for input, output and
 * storage, so that none is created there. What lies in it follows from the moves there, and cannot be set: there is no stock level.
 */
export function warehouseEntity(settings: TrytonSettings, from: string): TrytonEntity<SingleRow<LocationRow>> {
	return singleRowEntity<LocationRow>(
		{
			model: 'stock.location',
			only: [['type', '=', 'warehouse']],
			fields: codecs,
			fingerprint: 'tryton/warehouse/1',
			columns: ['name', 'code', 'active'],
			schema: rowSchema,
			values: ({ name, code, active }) => ({ values: { value: code, name, is_active: active } }),
			written: ({ value, name, is_active: active }) => ({
				...(value !== undefined && { code: value }),
				...(name !== undefined && { name }),
				...(active !== undefined && { active })
			}),
			withCode: (code) => [['code', '=', code]],
			matching: (pattern) => ['OR', ['code', 'ilike', pattern], ['name', 'ilike', pattern]]
		},
		settings,
		from
	);
}

const codecs: readonly FieldCodec[] = [
	{ name: 'value', type: 'text', label: 'Code', normal: oneLine },
	{ name: 'name', type: 'text', label: 'Name', normal: oneLine },
	{ name: 'is_active', type: 'boolean', label: 'Active', normal: (value) => canonical('boolean', value) }
];
