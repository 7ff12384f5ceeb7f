import { z } from 'zod';
import { canonical, type Fields, type FieldType } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import { normalForms, partOf, readable, type TrytonEntity, type TrytonRow, versionOf } from './entity.ts';
import { parsed } from './rpc.ts';
import { saleLines, saleLineColumns, saleLineSchema } from './sale-lines.ts';
import { stepTo } from './sale-steps.ts';
import type { TrytonSettings } from './settings.ts';
import {
	changedSince,
	changedUntil,
	dayOf,
	laterOf,
	noStamp,
	stampNames,
	stampOf,
	tagNames,
	under,
	wireDate,
	wireDecimal,
	wireId,
	wireStamps,
	wireTag
} from './wire.ts';

const model = 'sale.sale';
const entrySchema = z.object({ id: wireId, ...wireStamps });

const rowSchema = z.object({
	id: wireId,
	...wireTag,
	write_uid: wireId.nullable(),
	number: z.string().nullable(),
	state: z.string(),
	sale_date: wireDate.nullable(),
	tax_amount: wireDecimal.nullable(),
	total_amount: wireDecimal.nullable(),
	'party.': z.object({ id: wireId, name: z.string().nullable() }).nullable(),
	'currency.': z.object({ id: wireId, code: z.string() }),
	'lines.': z.array(saleLineSchema)
});
type RawSale = z.output<typeof rowSchema>;

type SaleRow = TrytonRow & { state: string };

/**
 * A sales order is a sale that has its number (module sale): a quotation or what became of one, never a first draft. Shipping and
 * discounts are lines or in the prices there, so that lines and tax come to the total. Only its state is written, by the steps
 * that Tryton itself has for it.
 */
export function salesOrderEntity(settings: TrytonSettings, from: string): TrytonEntity<SaleRow> {
	return {
		fields: codecs,
		// A line that is written by itself, and what the party or the currency is called, move another stamp or none.
		stampCovers: ['value', 'business_partner', 'ordered_at', 'status'],
		fingerprint: 'tryton/sales-order/1',
		model,
		only: [['number', '!=', null]],
		columns: [
			...['number', 'state', 'sale_date', 'tax_amount', 'total_amount', 'write_uid', ...tagNames],
			...['party.name', 'currency.code'],
			...under('lines', saleLineColumns)
		],
		stampColumns: stampNames,
		entry(raw) {
			const row = parsed(entrySchema, raw, from, model);
			return { id: row.id, stamp: stampOf(row) ?? noStamp };
		},
		row: (raw) => saleRow(parsed(rowSchema, raw, from, model), settings),
		rowIdOf: (key) => (/^\d{1,15}$/.test(key.id) && key.variantId === '' ? Number(key.id) : null),
		changed: (since) => ['OR', changedSince(since), ['lines', 'where', [changedSince(since)]]],
		stampedBetween: (first, last) => [changedSince(first), changedUntil(last)],
		withCode: (code) => [['number', '=', code]],
		matching: (pattern) => ['OR', ['number', 'ilike', pattern], ['party.name', 'ilike', pattern]],
		alone: () => true,
		async update(row, fields) {
			const { status } = normalForms(codecs, fields);
			const method = stepTo(row.state, String(status ?? ''), from);
			return { model, method, id: row.id, values: {}, touched: [row.parts[0].ref] };
		}
	};
}

const field = (name: string, label: string, type: FieldType = 'text', more: Partial<FieldCodec> = {}): FieldCodec => ({
	name,
	type,
	label,
	normal: (value) => canonical(type, value),
	...(name !== 'status' && { readOnly: true as const }),
	...more
});

const codecs: readonly FieldCodec[] = [
	field('value', 'Number'),
	// The sale has no name of its own: renaming a party is no event of all its orders.
	field('name', 'Party', 'text', { once: true }),
	field('business_partner', 'Party'),
	field('ordered_at', 'Sale Date', 'time'),
	field('status', 'State'),
	field('lines', 'Lines', 'lines'),
	field('tax', 'Tax', 'decimal'),
	field('total', 'Total', 'decimal'),
	field('currency', 'Currency')
];

function saleRow(raw: RawSale, settings: TrytonSettings): SaleRow {
	const lines = saleLines(raw['lines.']);
	const parts: SaleRow['parts'] = [partOf(model, raw), ...raw['lines.'].map((line) => partOf('sale.line', line))];
	const { fields, unreadable } = readable(codecs, {
		...valuesOf(raw),
		...('value' in lines && { lines: lines.value })
	});
	const untold = { ...unreadable, ...('unreadable' in lines && { lines: lines.unreadable }) };
	return {
		id: raw.id,
		state: raw.state,
		parts,
		writeUid: raw.write_uid,
		record: {
			id: String(raw.id),
			variantId: '',
			version: versionOf(parts),
			stamp: stampOf(raw),
			fields,
			...(Object.keys(untold).length > 0 && { unreadable: untold }),
			reference: null,
			url: `${settings.url}/#${encodeURIComponent(settings.database)}/model/${model}/${raw.id}`
		}
	};
}

function valuesOf(raw: RawSale): Fields {
	const { number, state, sale_date: day, tax_amount: tax, total_amount: total, create_date: created } = raw;
	const entered = created && stampOf({ write_date: null, create_date: created });
	return {
		value: number,
		name: raw['party.']?.name ?? null,
		business_partner: raw['party.'] ? String(raw['party.'].id) : null,
		// A sale has a day only: one of the day it was entered keeps its place among the others of that day.
		ordered_at: laterOf(day && `${dayOf(day)}T00:00:00.000000Z`, entered),
		status: state,
		tax,
		total,
		currency: raw['currency.'].code
	};
}
