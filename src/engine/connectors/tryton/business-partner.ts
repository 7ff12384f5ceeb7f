import { z } from 'zod';
import { canonical, type Fields, type Value } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import {
	normalForms,
	oneLine,
	type Part,
	partOf,
	readable,
	type TrytonEntity,
	type TrytonRow,
	versionOf
} from './entity.ts';
import { referenceOf, referencesInIdentifiers, unsealed } from './reference-row.ts';
import { parsed } from './rpc.ts';
import type { TrytonSettings } from './settings.ts';
import {
	changedSince,
	changedUntil,
	noStamp,
	stampNames,
	stampOf,
	tagNames,
	under,
	wireFlag,
	wireId,
	wireStamps,
	wireTag
} from './wire.ts';

const entrySchema = z.object({ id: wireId, ...wireStamps });

const rowSchema = z.object({
	id: wireId,
	...wireTag,
	write_uid: wireId.nullable(),
	name: z.string().nullable(),
	code: z.string(),
	active: wireFlag,
	'contact_mechanisms.': z.array(
		z.object({ id: wireId, ...wireTag, type: z.string(), value: z.string().nullable(), active: wireFlag })
	),
	'identifiers.': z.array(z.object({ id: wireId, type: z.string().nullable(), code: z.string() })),
	'tax_identifier.': z.object({ id: wireId, ...wireTag, code: z.string() }).nullable()
});

type PartnerRow = TrytonRow & {
	email: Part | undefined;
	phone: Part | undefined;
	taxIdentifier: Part | undefined;
};

/**
 * A business partner is a party. Email and phone are its first active contact mechanism of that type, the tax number is
 * the identifier that Tryton itself prints on invoices.
 */
export function businessPartnerEntity(settings: TrytonSettings, from: string): TrytonEntity<PartnerRow> {
	return {
		fields: codecs,
		// What is edited in the party's own form moves its stamp; in the list of contact mechanisms it does not.
		stampCovers: ['value', 'name', 'is_active'],
		fingerprint: 'tryton/business-partner/1',
		model: 'party.party',
		columns: [
			...['code', 'name', 'active', 'write_uid', ...tagNames],
			...under('contact_mechanisms', ['type', 'value', 'active', ...tagNames]),
			...under('identifiers', ['type', 'code']),
			...under('tax_identifier', ['code', ...tagNames])
		],
		stampColumns: stampNames,
		entry(raw) {
			const row = parsed(entrySchema, raw, from, 'party.party');
			return { id: row.id, stamp: stampOf(row) ?? noStamp };
		},
		row: (raw) => partnerRow(parsed(rowSchema, raw, from, 'party.party'), settings),
		rowIdOf: (key) => (/^\d{1,15}$/.test(key.id) && key.variantId === '' ? Number(key.id) : null),
		changed: (since) => [
			'OR',
			changedSince(since),
			['contact_mechanisms', 'where', [changedSince(since)]],
			['identifiers', 'where', [changedSince(since)]]
		],
		stampedBetween: (first, last) => [changedSince(first), changedUntil(last)],
		withCode: (code) => [['code', '=', code]],
		takenBy: (code, exceptId) => [
			['code', '=', code],
			['id', '!=', exceptId]
		],
		matching: (pattern) => [
			'OR',
			['code', 'ilike', pattern],
			['name', 'ilike', pattern],
			[
				'identifiers',
				'where',
				[
					['type', '!=', null],
					['code', 'ilike', pattern]
				]
			],
			['contact_mechanisms', 'where', [['value', 'ilike', pattern]]]
		],
		creating: {
			references: referencesInIdentifiers('party.identifier', 'party'),
			async command({ reference, fields }) {
				const values = updateValues(undefined, normalForms(codecs, fields), settings);
				const reserved = ['create', [{ type: null, code: unsealed(reference) }]];
				return {
					model: 'party.party',
					values: { ...values, identifiers: [reserved, ...((values['identifiers'] as unknown[] | undefined) ?? [])] },
					createdRows: (id) => [['id', '=', id]]
				};
			}
		},
		async update(row, fields) {
			const normal = normalForms(codecs, fields);
			const written = [
				normal['email'] !== undefined && row.email,
				normal['phone'] !== undefined && row.phone,
				normal['tax_id'] !== undefined && row.taxIdentifier
			];
			const touched = [row.parts[0], ...written].flatMap((part) => (part ? [part.ref] : []));
			return { model: 'party.party', id: row.id, values: updateValues(row, normal, settings), touched };
		}
	};
}

const codecs: readonly FieldCodec[] = [
	{ name: 'value', type: 'text', label: 'Code', normal: oneLine },
	{ name: 'name', type: 'text', label: 'Name', normal: oneLine },
	{ name: 'email', type: 'text', label: 'E-Mail', normal: oneLine },
	// Where it has the library "phonenumbers", Tryton writes numbers with spaces of its own.
	{ name: 'phone', type: 'text', label: 'Phone', normal: (value) => strip(value, /[\s()/.-]/g) },
	// Tryton's own client stores tax numbers without separators.
	{ name: 'tax_id', type: 'text', label: 'Tax Identifier', normal: (value) => strip(upperCase(value), /[\s./-]/g) },
	{ name: 'is_active', type: 'boolean', label: 'Active', normal: (value) => canonical('boolean', value) }
];

function strip(value: Value, what: RegExp): Value {
	return value === null ? null : oneLine(String(value).replace(what, ''));
}

function upperCase(value: Value): Value {
	return value === null ? null : String(value).toUpperCase();
}

function partnerRow(raw: z.output<typeof rowSchema>, settings: TrytonSettings): PartnerRow {
	const first = (type: string) => raw['contact_mechanisms.'].find((row) => row.active && row.type === type);
	const email = first('email');
	const phone = first('phone');
	const tax = raw['tax_identifier.'];
	const emailPart = email && partOf('party.contact_mechanism', email);
	const phonePart = phone && partOf('party.contact_mechanism', phone);
	const taxPart = tax ? partOf('party.identifier', tax) : undefined;
	const others = [emailPart, phonePart, taxPart].filter((part) => part !== undefined);
	const parts: PartnerRow['parts'] = [partOf('party.party', raw), ...others];
	return {
		id: raw.id,
		email: emailPart,
		phone: phonePart,
		taxIdentifier: taxPart,
		parts,
		writeUid: raw.write_uid,
		record: {
			id: String(raw.id),
			variantId: '',
			version: versionOf(parts),
			stamp: stampOf(raw),
			...readable(codecs, {
				value: raw.code,
				name: raw.name,
				email: email?.value ?? null,
				phone: phone?.value ?? null,
				tax_id: tax?.code ?? null,
				is_active: raw.active
			}),
			reference: referenceOf(raw['identifiers.'], raw.id),
			url: `${settings.url}/#${encodeURIComponent(settings.database)}/model/party.party/${raw.id}`
		}
	};
}

/** Values of a write to `row`, or of a create without one. */
function updateValues(row: PartnerRow | undefined, normal: Fields, settings: TrytonSettings): Record<string, unknown> {
	const values: Record<string, unknown> = {};
	if (normal['value'] !== undefined) values['code'] = normal['value'];
	if (normal['name'] !== undefined) values['name'] = normal['name'];
	if (normal['is_active'] !== undefined) values['active'] = normal['is_active'];
	const mechanisms = [
		...mechanismCommands('email', row?.email, normal['email']),
		...mechanismCommands('phone', row?.phone, normal['phone'])
	];
	if (mechanisms.length > 0) values['contact_mechanisms'] = mechanisms;
	const tax = taxCommands(row?.taxIdentifier, normal['tax_id'], settings.taxIdentifierType);
	if (tax.length > 0) values['identifiers'] = tax;
	return values;
}

/** A cleared mechanism is archived, not deleted: other documents may point at it. */
function mechanismCommands(type: string, row: Part | undefined, value: Value | undefined): unknown[] {
	if (value === undefined || (value === null && !row)) return [];
	if (!row) return [['create', [{ type, value }]]];
	return [['write', [row.id], value === null ? { active: false } : { value }]];
}

function taxCommands(row: Part | undefined, code: Value | undefined, type: string): unknown[] {
	if (code === undefined || (code === null && !row)) return [];
	if (!row) return [['create', [{ type, code }]]];
	return [code === null ? ['delete', [row.id]] : ['write', [row.id], { code }]];
}
