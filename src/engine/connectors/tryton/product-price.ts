import { z } from 'zod';
import { canonical, type Value } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { normalForms, oneLine, type ReferencePlace, type TrytonEntity } from './entity.ts';
import { referenceOf, sealed, unsealed } from './reference-row.ts';
import { type SingleRow, referencedRow, singleRow, singleRowEntity } from './single-row.ts';
import type { TrytonSettings } from './settings.ts';
import { literalPattern, wireId } from './wire.ts';

const model = 'product.price_list.line';
const rowSchema = singleRow.extend({
	price_list: wireId,
	'product.': z.object({ id: wireId, template: wireId }),
	formula: z.string()
});
type LineRow = z.output<typeof rowSchema>;

/**
 * The price of a product in a list is a line of that list with the product, for any quantity, whose formula is a number. A line
 * with another formula is told, and never written. Formulas are Python: our reference is a comment behind the number,
 * "12.5 # channel-mapping:REF#7", sealed with the id of the line, as identifiers are.
 */
export function productPriceEntity(settings: TrytonSettings, from: string): TrytonEntity<SingleRow<LineRow>> {
	return singleRowEntity<LineRow>(
		{
			model,
			only: [
				['product', '!=', null],
				['category', '=', null],
				['OR', ['quantity', '=', null], ['quantity', '=', 0]]
			],
			fields: codecs,
			fingerprint: 'tryton/product-price/1',
			columns: ['price_list', 'formula', 'product.template'],
			schema: rowSchema,
			values({ price_list: list, 'product.': product, formula }) {
				const values = { product: `${product.template}/${product.id}`, price_list: String(list) };
				const price = priceOf(formula);
				if (price !== null) return { values: { ...values, price } };
				return { values, unreadable: { price: `its formula "${formula.slice(0, 80)}" is no plain number` } };
			},
			reference: ({ id, formula }) => referenceOf([{ type: null, code: commentOf(formula) }], id),
			written: ({ product, price_list: list, price }, raw) => ({
				...(product !== undefined && { product: referencedRow(product) }),
				...(list !== undefined && { price_list: referencedRow(list) }),
				...(price !== undefined && { formula: formulaOf(price, raw ? commentOf(raw.formula) : '') })
			}),
			withCode: (code) => [['product.code', '=', code]],
			matching: (pattern) => [
				'OR',
				['product.code', 'ilike', pattern],
				['product.template.name', 'ilike', pattern],
				['price_list.name', 'ilike', pattern]
			],
			creating: {
				references,
				async command({ reference, fields }) {
					const { product = null, price_list: list = null, price = null } = normalForms(codecs, fields);
					const values = {
						product: referencedRow(product),
						price_list: referencedRow(list),
						formula: formulaOf(price, unsealed(reference))
					};
					return { model, values, createdRows: (id) => [['id', '=', id]] };
				}
			}
		},
		settings,
		from
	);
}

const codecs: readonly FieldCodec[] = [
	{ name: 'product', type: 'text', label: 'Product', normal: oneLine },
	{ name: 'price_list', type: 'text', label: 'Price List', normal: oneLine },
	{ name: 'price', type: 'decimal', label: 'Formula', normal: (value) => canonical('decimal', value) }
];

const references: ReferencePlace<SingleRow<LineRow>> = {
	inRecord: true,
	carriers(wanted) {
		const ends = wanted.map((reference) => literalPattern(unsealed(reference)));
		const patterns = ends.flatMap((end) => [`% # ${end}`, `% # ${end}#%`]);
		return ['OR', ...patterns.map((pattern) => ['formula', 'like', pattern])];
	},
	async seal({ id, raw }, reference, rpc, options) {
		const formula = formulaOf(priceOf(raw.formula), sealed(reference, id));
		await rpc.call(`${model}.write`, [[id], { formula }], options);
	}
};

/** The number that a formula is, as Tryton's own calculation takes it; null for any other formula. */
function priceOf(formula: string): string | null {
	const [, plain, quoted] =
		/^\s*(?:(-?\d+(?:\.\d+)?)|Decimal\s*\(\s*['"](-?\d+(?:\.\d+)?)['"]\s*\))\s*(?:#.*)?$/.exec(formula) ?? [];
	return plain ?? quoted ?? null;
}

function commentOf(formula: string): string {
	const at = formula.indexOf('#');
	return at < 0 ? '' : formula.slice(at + 1).trim();
}

function formulaOf(price: Value, comment: string): string {
	if (price === null) {
		const reply = 'A line of a price list of Tryton always has a price.';
		throw new ConnectorError('rejected', { hint: `${reply} Give it one, or delete the line there.`, reply });
	}
	return comment === '' ? String(price) : `${String(price)} # ${comment}`;
}
