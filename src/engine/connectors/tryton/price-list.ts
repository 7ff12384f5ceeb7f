import { z } from 'zod';
import { canonical } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import { oneLine, type TrytonEntity } from './entity.ts';
import { type SingleRow, singleRow, singleRowEntity } from './single-row.ts';
import type { TrytonSettings } from './settings.ts';
import { wireFlag, wireId } from './wire.ts';

const rowSchema = singleRow.extend({
	name: z.string().nullable(),
	active: wireFlag,
	'company.': z.object({ id: wireId, 'currency.': z.object({ id: wireId, code: z.string() }) })
});
type ListRow = z.output<typeof rowSchema>;

/**
 * A price list (module product_price_list) has a name and the currency of its company, and no code: where one of ours is made
 * from it, its name is the code. It has no place for a reference, so that none is created there.
 */
export function priceListEntity(settings: TrytonSettings, from: string): TrytonEntity<SingleRow<ListRow>> {
	return singleRowEntity<ListRow>(
		{
			model: 'product.price_list',
			fields: codecs,
			uncovered: ['currency'],
			fingerprint: 'tryton/price-list/1',
			columns: ['name', 'active', 'company.currency.code'],
			schema: rowSchema,
			values: ({ name, active, 'company.': { 'currency.': currency } }) => ({
				values: { value: name, name, currency: currency.code, is_active: active }
			}),
			written: ({ name, is_active: active }) => ({
				...(name !== undefined && { name }),
				...(active !== undefined && { active })
			}),
			withCode: (code) => [['name', '=', code]],
			matching: (pattern) => [['name', 'ilike', pattern]]
		},
		settings,
		from
	);
}

const codecs: readonly FieldCodec[] = [
	{ name: 'value', type: 'text', label: 'Name', normal: oneLine, readOnly: true, once: true },
	{ name: 'name', type: 'text', label: 'Name', normal: oneLine },
	{ name: 'currency', type: 'text', label: 'Currency', normal: oneLine, readOnly: true },
	{ name: 'is_active', type: 'boolean', label: 'Active', normal: (value) => canonical('boolean', value) }
];
