import { z } from 'zod';
import { canonical, roundDecimal, type Value } from '#src/sync/fields.ts';
import type { CallOptions, FieldCodec } from '../connector.ts';
import { ConnectorError } from '../error.ts';
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
import { referenceOf, referencesInIdentifiers, unsealed } from './reference-row.ts';
import { type Rpc, parsed } from './rpc.ts';
import type { TrytonSettings } from './settings.ts';
import { referencedRow } from './single-row.ts';
import {
	changedSince,
	changedUntil,
	laterOf,
	noStamp,
	stampNames,
	stampOf,
	tagNames,
	toWireDecimal,
	under,
	wireDecimal,
	wireFlag,
	wireId,
	wireStamps,
	wireTag
} from './wire.ts';

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
		categories: z.array(wireId).optional()
	}),
	'identifiers.': z.array(z.object({ id: wireId, ...wireTag, type: z.string().nullable(), code: z.string() }))
});

type ProductRow = TrytonRow & {
	templateId: number;
	/** Code of the template: Tryton puts it before the variant's own part of the code. */
	prefix: string;
	gtin: Part | undefined;
	/** Of the template. */
	categories: readonly number[];
};

/**
 * A product is a variant (product.product) together with its template (product.template), which holds name, price and category:
 * variants of one template share these. The template is written first in one call, so that both tags guard the write. A template
 * may be in several categories, where ours has one: then its category is not told, and never written.
 */
export function productEntity(settings: TrytonSettings, from: string): TrytonEntity<ProductRow> {
	const hasCategory = settings.productCategory === 'sync';
	const codecs = productFields(settings.priceDecimals, hasCategory);
	return {
		fields: codecs,
		// A barcode that is deleted on its own moves no stamp, nor does a product that is put into a category on the category's form.
		stampCovers: ['value', 'name', 'description', 'price', 'is_active'],
		fingerprint: `tryton/product/1/price:${settings.priceDecimals}${hasCategory ? '/category' : ''}`,
		model: 'product.product',
		columns: [
			...['code', 'description', 'active', ...tagNames],
			...under('template', ['name', 'code', 'active', 'list_price', 'write_uid', ...tagNames]),
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
			['identifiers', 'where', [changedSince(since)]]
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
		update: (row, fields, rpc, options) => updateProduct(row, normalForms(codecs, fields), rpc, options)
	};
}

async function newProduct(
	reference: string,
	normal: Record<string, Value>,
	settings: TrytonSettings,
	rpc: Rpc,
	options?: CallOptions
) {
	const { template, variant, gtin } = valuesOf(normal, '');
	const identifiers = [{ type: null, code: unsealed(reference) }, ...(gtin ? [{ type: 'ean', code: gtin }] : [])];
	const active = normal['is_active'] ?? true;
	const product = { ...variant, active, identifiers: [['create', identifiers]] };
	return {
		model: 'product.template',
		values: {
			type: 'goods',
			default_uom: await unitId(rpc, settings.unit, options),
			...template,
			active,
			products: [['create', [product]]]
		},
		createdRows: (id: number) => [['template', '=', id]]
	};
}

function productFields(priceDecimals: number, hasCategory: boolean): readonly FieldCodec[] {
	const price = (value: Value) => {
		const plain = canonical('decimal', value);
		return plain === null ? null : canonical('decimal', roundDecimal(String(plain), priceDecimals));
	};
	return [
		{ name: 'value', type: 'text', label: 'Code', normal: oneLine },
		{ name: 'name', type: 'text', label: 'Name', normal: oneLine },
		{ name: 'description', type: 'text', label: 'Description', normal: (value) => canonical('text', value) },
		{ name: 'gtin', type: 'text', label: 'International Article Number', normal: compactGtin },
		{ name: 'price', type: 'decimal', label: 'List Price', normal: price },
		...(hasCategory ? [categoryField] : []),
		{ name: 'is_active', type: 'boolean', label: 'Active', normal: (value) => canonical('boolean', value) }
	];
}

const categoryField: FieldCodec = { name: 'category', type: 'text', label: 'Categories', normal: oneLine };

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
	const more = template.categories && { categories: categories.toSorted((left, right) => left - right) };
	return {
		id: raw.id,
		templateId: template.id,
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
				...(more && categories.length < 2 && { category: categories[0] === undefined ? null : String(categories[0]) }),
				is_active: raw.active && template.active
			}),
			reference: referenceOf(identifiers, raw.id),
			url: `${settings.url}/#${encodeURIComponent(settings.database)}/model/product.template/${template.id}`
		}
	};
}

function valuesOf(normal: Readonly<Record<string, Value>>, prefix: string, categories: readonly number[] = []) {
	const template: Record<string, unknown> = {};
	const variant: Record<string, unknown> = {};
	if (normal['name'] !== undefined) template['name'] = normal['name'];
	if (normal['price'] !== undefined) {
		template['list_price'] = normal['price'] === null ? null : toWireDecimal(String(normal['price']));
	}
	if (normal['category'] !== undefined) template['categories'] = categoryCommands(normal['category'], categories);
	if (normal['description'] !== undefined) variant['description'] = normal['description'];
	if (normal['value'] !== undefined) variant['suffix_code'] = suffixOf(normal['value'], prefix);
	return { template, variant, gtin: normal['gtin'] };
}

function categoryCommands(category: Value, before: readonly number[]): unknown[] {
	const wanted = referencedRow(category);
	const left = before.filter((id) => id !== wanted);
	return [
		...(left.length > 0 ? [['remove', left]] : []),
		...(wanted === null || before.includes(wanted) ? [] : [['add', [wanted]]])
	];
}

function suffixOf(code: Value, prefix: string): string | null {
	const text = code === null ? '' : String(code);
	if (!text.startsWith(prefix)) {
		const hint = `In Tryton the code of this product must begin with "${prefix}", the code of its template. Change one of the two.`;
		throw new ConnectorError('rejected', { hint });
	}
	return text.slice(prefix.length) || null;
}

async function updateProduct(row: ProductRow, normal: Record<string, Value>, rpc: Rpc, options?: CallOptions) {
	const { template, variant, gtin } = valuesOf(normal, row.prefix, row.categories);
	const active = normal['is_active'];
	if (active !== undefined) {
		variant['active'] = active;
		if (active === true || !(await hasActiveSibling(row, rpc, options))) template['active'] = active;
	}
	if (gtin !== undefined) variant['identifiers'] = gtinCommands(row, gtin);
	const touched = row.parts.slice(0, 2).map((part) => part.ref);
	if (gtin !== undefined && row.gtin) touched.push(row.gtin.ref);
	return {
		model: 'product.template',
		id: row.templateId,
		values: { ...template, products: [['write', [row.id], variant]] },
		touched
	};
}

/** Tryton refuses to deactivate a template that still has an active variant. */
async function hasActiveSibling(row: ProductRow, rpc: Rpc, options?: CallOptions): Promise<boolean> {
	const domain = [
		['template', '=', row.templateId],
		['id', '!=', row.id],
		['active', '=', true]
	];
	const count = await rpc.call('product.product.search_count', [domain], options);
	return parsed(z.number(), count, rpc.from, 'product.product.search_count') > 0;
}

function gtinCommands(row: ProductRow, gtin: Value): unknown[] {
	if (row.gtin) return [gtin === null ? ['delete', [row.gtin.id]] : ['write', [row.gtin.id], { code: gtin }]];
	return gtin === null ? [] : [['create', [{ type: 'ean', code: gtin }]]];
}

async function unitId(rpc: Rpc, unit: string, options?: CallOptions): Promise<number> {
	const domain = ['OR', ['symbol', '=', unit], ['name', '=', unit]];
	const found = await rpc.call('product.uom.search', [domain, 0, 1, [['id', 'ASC']]], options);
	const [id] = parsed(z.array(wireId), found, rpc.from, 'product.uom.search');
	if (id !== undefined) return id;
	const hint = `${rpc.from} has no unit "${unit}". Correct the unit for new products in the settings of this channel.`;
	throw new ConnectorError('misconfigured', { hint });
}
