import { z } from 'zod';
import type { Value } from '#src/sync/fields.ts';
import type { CallOptions } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { type ProductRow, sharedFields } from './product.ts';
import { unsealed } from './reference-row.ts';
import { type Rpc, parsed } from './rpc.ts';
import type { TrytonSettings } from './settings.ts';
import { referencedRow } from './single-row.ts';
import { toWireDecimal, wireId } from './wire.ts';

/**
 * The call that makes a product: a template with this one variant, or another variant of a template that is linked, which then
 * shares what the template holds.
 */
export async function newProduct(
	reference: string,
	normal: Record<string, Value>,
	settings: TrytonSettings,
	rpc: Rpc,
	options?: CallOptions
) {
	const parent = referencedRow(normal['parent'] ?? null);
	const { template, variant, gtin } = valuesOf(normal, parent === null ? '' : await prefixOf(parent, rpc, options));
	const identifiers = [{ type: null, code: unsealed(reference) }, ...(gtin ? [{ type: 'ean', code: gtin }] : [])];
	const active = normal['is_active'] ?? true;
	const product = { ...variant, active, identifiers: [['create', identifiers]] };
	if (parent !== null) {
		const values = { ...product, template: parent };
		return { model: 'product.product', values, createdRows: (id: number) => [['id', '=', id]] };
	}
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

const prefixSchema = z.array(z.object({ code: z.string().nullable() }));

/** The code of a template, which Tryton puts before the codes of its variants. */
async function prefixOf(templateId: number, rpc: Rpc, options?: CallOptions): Promise<string> {
	const method = 'product.template.search_read';
	const reply = await rpc.call(method, [[['id', '=', templateId]], 0, 1, [['id', 'ASC']], ['code']], options);
	const [template] = parsed(prefixSchema, reply, rpc.from, method);
	return template?.code ?? '';
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

/** The write of a template's categories that leaves it in this one. */
export function categoryCommands(category: Value, before: readonly number[]): unknown[] {
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

/** The write of a product. Throws `conflict` for what its siblings share by now. */
export async function updateProduct(row: ProductRow, normal: Record<string, Value>, rpc: Rpc, options?: CallOptions) {
	if (row.hasSiblings && sharedFields.some((name) => normal[name] !== undefined)) throw shared(rpc);
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

function shared(rpc: Rpc): ConnectorError {
	const hint = `In ${rpc.from} the product has other variants by now, which share this. It will be compared again.`;
	return new ConnectorError('conflict', { hint });
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
