import { z } from 'zod';
import { canonical, roundDecimal, type Fields, type Value } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import {
	normalForms,
	oneLine,
	partOf,
	type Part,
	readable,
	type TrytonEntity,
	type TrytonRow,
	versionOf
} from './entity.ts';
import { referenceOf, referencesInIdentifiers } from './reference-row.ts';
import { parsed } from './rpc.ts';
import type { TrytonSettings } from './settings.ts';
import {
	changedSince,
	changedUntil,
	laterOf,
	noStamp,
	stampNames,
	stampOf,
	tagNames,
	under,
	wireDecimal,
	wireFlag,
	wireId,
	wireStamps,
	wireTag
} from './wire.ts';
import { newProduct, updateProduct } from './write-product.ts';

const entrySchema = z.object({ id: wireId, ...wireStamps, 'template.': z.object(wireStamps) });

const rowSchema = z.object({
	id: wireId,
	...wireTag,
	code: z.string().nullable(),
	description: z.string().nullable(),
	active: wireFlag,
	'template.': z.object({
		id: wireId,
		...wireTag,
		write_uid: wireId.nullable(),
		name: z.string().nullable(),
		code: z.string().nullable(),
		active: wireFlag,
		list_price: wireDecimal.nullable(),
		products: z.array(wireId),
		categories: z.array(wireId).optional()
	}),
	'identifiers.': z.array(z.object({ id: wireId, ...wireTag, type: z.string().nullable(), code: z.string() }))
});

export type ProductRow = TrytonRow & {
	templateId: number;
	/** Its template has other variants, archived ones too. */
	hasSiblings: boolean;
	/** Code of the template: Tryton puts it before the variant's own part of the code. */
	prefix: string;
	gtin: Part | undefined;
	/** Of the template. */
	categories: readonly number[];
};

/**
 * A product is a variant (product.product) together with its template (product.template), which holds name, price and category.
 * Variants of one template share these: a product that has siblings only shows them, and the template carries them as a parent
 * product. The template is written first in one call, so that both tags guard the write. A template may be in several categories,
 * where ours has one: then its category is not told, and never written.
 */
export function productEntity(settings: TrytonSettings, from: string): TrytonEntity<ProductRow> {
	const hasCategory = settings.productCategory === 'sync';
	const codecs = productFields(settings.priceDecimals, hasCategory);
	return {
		fields: codecs,
		// A barcode that is deleted on its own moves no stamp, nor does a product that is put into a category on the category's form.
		stampCovers: ['value', 'name', 'description', 'price', 'is_active'],
		fingerprint: `tryton/product/2/price:${settings.priceDecimals}${hasCategory ? '/category' : ''}`,
		model: 'product.product',
		columns: [
			...['code', 'description', 'active', ...tagNames],
			...under('template', ['name', 'code', 'active', 'list_price', 'products', 'write_uid', ...tagNames]),
			...(hasCategory ? ['template.categories'] : []),
			...under('identifiers', ['type', 'code', ...tagNames])
		],
		stampColumns: [...stampNames, ...under('template', stampNames)],
		entry(raw) {
			const row = parsed(entrySchema, raw, from, 'product.product');
			return { id: row.id, stamp: laterOf(stampOf(row), stampOf(row['template.'])) ?? noStamp };
		},
		row: (raw) => productRow(parsed(rowSchema, raw, from, 'product.product'), codecs, settings),
		rowIdOf: (key) => (/^\d{1,15}$/.test(key.variantId) ? Number(key.variantId) : null),
		changed: (since) => [
			'OR',
			changedSince(since),
			changedSince(since, 'template.'),
			['identifiers', 'where', [changedSince(since)]],
			// Another variant of its template came: what it carries itself is less than before.
			['template.products', 'where', [['create_date', '>=', since]]]
		],
		stampedBetween: (first, last) => [
			['OR', changedSince(first), changedSince(first, 'template.')],
			changedUntil(last),
			changedUntil(last, 'template.')
		],
		withCode: (code) => [['code', '=', code]],
		// Codes are unique among active variants only.
		takenBy: (code, exceptId) => [
			['code', '=', code],
			['active', '=', true],
			['id', '!=', exceptId]
		],
		matching: (pattern) => [
			'OR',
			['code', 'ilike', pattern],
			['template.name', 'ilike', pattern],
			[
				'identifiers',
				'where',
				[
					['type', '!=', null],
					['code', 'ilike', pattern]
				]
			]
		],
		creating: {
			references: referencesInIdentifiers('product.identifier', 'product'),
			command: ({ reference, fields }, rpc, options) =>
				newProduct(reference, normalForms(codecs, fields), settings, rpc, options)
		},
		update: (row, fields, rpc, options) => updateProduct(row, normalForms(codecs, fields), rpc, options),
		// The template goes with its last active variant.
		alone: (fields) => 'is_active' in fields
	};
}

function productFields(priceDecimals: number, hasCategory: boolean): readonly FieldCodec[] {
	return [
		{ name: 'value', type: 'text', label: 'Code', normal: oneLine },
		{ name: 'name', type: 'text', label: 'Name', normal: oneLine },
		{ name: 'description', type: 'text', label: 'Description', normal: (value) => canonical('text', value) },
		{ name: 'gtin', type: 'text', label: 'International Article Number', normal: compactGtin },
		priceField(priceDecimals),
		...(hasCategory ? [categoryField] : []),
		{ name: 'parent', type: 'text', label: 'Product', normal: oneLine, readOnly: true, atCreate: true },
		{ name: 'is_active', type: 'boolean', label: 'Active', normal: (value) => canonical('boolean', value) }
	];
}

/** The list price of a template. */
export function priceField(decimals: number): FieldCodec {
	const normal = (value: Value) => {
		const plain = canonical('decimal', value);
		return plain === null ? null : canonical('decimal', roundDecimal(String(plain), decimals));
	};
	return { name: 'price', type: 'decimal', label: 'List Price', normal };
}

/** The category of a template, where it is in one. */
export const categoryField: FieldCodec = { name: 'category', type: 'text', label: 'Categories', normal: oneLine };

/** Of a template, shared by its variants. */
export const sharedFields = ['name', 'price', 'category'];

/** What a template's categories say of the one that a record of ours may have; nothing where there are several. */
export function categoryOf(categories: readonly number[] | undefined): Fields {
	if (!categories || categories.length > 1) return {};
	return { category: categories[0] === undefined ? null : String(categories[0]) };
}

/** Tryton's own client stores barcodes without separators. */
function compactGtin(value: Value): Value {
	return value === null ? null : canonical('text', String(value).replace(/[\s-]/g, ''));
}

function productRow(
	raw: z.output<typeof rowSchema>,
	codecs: readonly FieldCodec[],
	settings: TrytonSettings
): ProductRow {
	const template = raw['template.'];
	const identifiers = raw['identifiers.'];
	const ean = identifiers.find((identifier) => identifier.type === 'ean');
	const gtin = ean && partOf('product.identifier', ean);
	const own = [partOf('product.template', template), partOf('product.product', raw)] as const;
	const parts: ProductRow['parts'] = gtin ? [...own, gtin] : [...own];
	const { categories = [] } = template;
	const hasSiblings = template.products.length > 1;
	const more = {
		...(template.categories && { categories: categories.toSorted((left, right) => left - right) }),
		...(hasSiblings && { hasSiblings })
	};
	return {
		id: raw.id,
		templateId: template.id,
		hasSiblings,
		prefix: template.code ?? '',
		gtin,
		categories,
		parts,
		writeUid: template.write_uid,
		record: {
			id: String(template.id),
			variantId: String(raw.id),
			version: versionOf(parts, more),
			stamp: laterOf(stampOf(raw), stampOf(template)),
			...readable(codecs, {
				value: raw.code,
				name: template.name,
				description: raw.description,
				gtin: ean?.code ?? null,
				price: template.list_price,
				...categoryOf(template.categories),
				parent: hasSiblings ? String(template.id) : null,
				is_active: raw.active && template.active
			}),
			shownOnly: hasSiblings
				? codecs.map(({ name }) => name).filter((name) => sharedFields.includes(name))
				: ['parent'],
			reference: referenceOf(identifiers, raw.id),
			url: `${settings.url}/#${encodeURIComponent(settings.database)}/model/product.template/${template.id}`
		}
	};
}
