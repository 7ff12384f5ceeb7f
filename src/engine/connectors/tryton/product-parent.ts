import { z } from 'zod';
import { canonical } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import { oneLine, type TrytonEntity } from './entity.ts';
import { categoryField, categoryOf, priceField } from './product.ts';
import type { TrytonSettings } from './settings.ts';
import { type SingleRow, singleRow, singleRowEntity } from './single-row.ts';
import { changedSince, toWireDecimal, wireDecimal, wireFlag, wireId } from './wire.ts';
import { categoryCommands } from './write-product.ts';

const rowSchema = singleRow.extend({
	name: z.string().nullable(),
	code: z.string().nullable(),
	active: wireFlag,
	list_price: wireDecimal.nullable(),
	products: z.array(wireId),
	categories: z.array(wireId).optional()
});
type TemplateRow = z.output<typeof rowSchema>;

/**
 * A template with several variants is a parent product: it carries what they share. With a single one it is none, and the product
 * carries all. Its code begins the codes of its variants, hence is never written; where it has none, its name and id stand for
 * one. It is archived when its last active variant is. It has no place for a reference, so that none is created there.
 */
export function productParentEntity(settings: TrytonSettings, from: string): TrytonEntity<SingleRow<TemplateRow>> {
	const hasCategory = settings.productCategory === 'sync';
	return singleRowEntity<TemplateRow>(
		{
			model: 'product.template',
			isRecord: ({ products }) => products.length > 1,
			fields: [...codecs, priceField(settings.priceDecimals), ...(hasCategory ? [categoryField] : [])],
			// A template that is put into a category on the category's form does not move.
			uncovered: ['category'],
			fingerprint: `tryton/product-parent/1/price:${settings.priceDecimals}${hasCategory ? '/category' : ''}`,
			columns: ['name', 'code', 'active', 'list_price', 'products', ...(hasCategory ? ['categories'] : [])],
			schema: rowSchema,
			values: ({ id, name, code, active, list_price: price, categories }) => ({
				values: { value: code ?? `${name} #${id}`, name, is_active: active, price, ...categoryOf(categories) },
				...(categories && { unstamped: { categories: categories.toSorted((left, right) => left - right) } })
			}),
			written: ({ name, price, category }, raw) => ({
				...(name !== undefined && { name }),
				...(price !== undefined && { list_price: price === null ? null : toWireDecimal(String(price)) }),
				...(category !== undefined && { categories: categoryCommands(category, raw?.categories ?? []) })
			}),
			// A second variant makes it one.
			changed: (since) => ['OR', changedSince(since), ['products', 'where', [['create_date', '>=', since]]]],
			withCode: (code) => [['code', '=', code]],
			matching: (pattern) => ['OR', ['code', 'ilike', pattern], ['name', 'ilike', pattern]]
		},
		settings,
		from
	);
}

const codecs: readonly FieldCodec[] = [
	{ name: 'value', type: 'text', label: 'Code', normal: oneLine, readOnly: true, once: true },
	{ name: 'name', type: 'text', label: 'Name', normal: oneLine },
	{
		name: 'is_active',
		type: 'boolean',
		label: 'Active',
		normal: (value) => canonical('boolean', value),
		readOnly: true,
		once: true
	}
];
