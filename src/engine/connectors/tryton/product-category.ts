import { z } from 'zod';
import type { FieldCodec } from '../connector.ts';
import { oneLine, type TrytonEntity } from './entity.ts';
import { type SingleRow, referencedRow, singleRow, singleRowEntity } from './single-row.ts';
import type { TrytonSettings } from './settings.ts';
import { wireId } from './wire.ts';

const rowSchema = singleRow.extend({ name: z.string().nullable(), rec_name: z.string(), parent: wireId.nullable() });
type CategoryRow = z.output<typeof rowSchema>;

/**
 * A product category of Tryton has a name and a category above it, and no code: where one of ours is made from it, its whole
 * path ("Outdoor / Tents") is the code. It has no place for a reference either, so that none is created there.
 */
export function productCategoryEntity(settings: TrytonSettings, from: string): TrytonEntity<SingleRow<CategoryRow>> {
	return singleRowEntity<CategoryRow>(
		{
			model: 'product.category',
			fields: codecs,
			uncovered: ['value'],
			fingerprint: 'tryton/product-category/1',
			columns: ['name', 'rec_name', 'parent'],
			schema: rowSchema,
			values: ({ name, rec_name, parent }) => ({
				values: { value: rec_name, name, parent: parent === null ? null : String(parent) }
			}),
			written: ({ name, parent }) => ({
				...(name !== undefined && { name }),
				...(parent !== undefined && { parent: referencedRow(parent) })
			}),
			withCode: (code) => [['name', '=', code]],
			matching: (pattern) => [['name', 'ilike', pattern]]
		},
		settings,
		from
	);
}

const codecs: readonly FieldCodec[] = [
	{ name: 'value', type: 'text', label: 'Path', normal: oneLine, readOnly: true, once: true },
	{ name: 'name', type: 'text', label: 'Name', normal: oneLine },
	{ name: 'parent', type: 'text', label: 'Parent', normal: oneLine }
];
