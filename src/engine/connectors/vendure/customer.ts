import { z } from 'zod';
import { canonical, type Fields, type Value } from '#src/sync/fields.ts';
import type { CallOptions, ExternalRecord, FieldCodec } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { normalForms, readable } from '../readable.ts';
import type { AdminApi } from './admin-api.ts';
import {
	customFieldOf,
	idText,
	isListedId,
	referenceOf,
	stampSchema,
	type VendureEntity,
	type VendureRow,
	versionOf
} from './entity.ts';
import { emailTaken, guardedWrite } from './guarded-write.ts';
import { planEach, type PlannedWrite, untold } from './planned-write.ts';
import { parsed } from './reply-error.ts';
import { referenceField, type VendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';

const customerSchema = z.object({
	id: idText,
	updatedAt: stampSchema,
	firstName: z.string(),
	lastName: z.string(),
	phoneNumber: z.string().nullable(),
	emailAddress: z.string(),
	customFields: z.record(z.string(), z.unknown()).nullable().optional()
});
type RawCustomer = z.output<typeof customerSchema>;

const customerState = z.object({
	customer: z.object({
		firstName: z.string(),
		lastName: z.string(),
		phoneNumber: z.string().nullable(),
		emailAddress: z.string(),
		customFields: z.record(z.string(), z.string().nullable())
	})
});
type CustomerState = z.output<typeof customerState>;

type CustomerRow = VendureRow & { id: string; state: CustomerState };

/**
 * A business partner is a customer: its name in one text, first names first. A customer has no code of its own; where
 * the settings name a custom field for it, or for the tax number, that is synced too. It cannot be inactive.
 */
export function customerEntity(settings: VendureSettings, from: string): VendureEntity<CustomerRow> {
	const codecs = customerFields(settings);
	const { customerCodeField: code, taxIdField: taxId } = settings;
	const row = (raw: unknown, server: VendureServer) =>
		customerRow(parsed(customerSchema, raw, from, 'customers'), codecs, settings, server);
	return {
		type: 'Customer',
		fields: codecs,
		stampCovers: codecs.map(({ name }) => name),
		fingerprint: `vendure/business-partner/1/${code ?? ''}/${taxId ?? ''}`,
		list: 'customers',
		optionsType: 'CustomerListOptions',
		selection: (server) => customerSelection(settings, server),
		rows: (raw, server) => [row(raw, server)],
		isGuarded: ({ hasPlugin }) => hasPlugin,
		listedId: ({ id, variantId }) => (isListedId(id) && variantId === '' ? id : null),
		withCode: (text) => [
			{ emailAddress: { eq: String(inSmallLetters(text)) } },
			...(code ? [{ [code]: { eq: text } }] : [])
		],
		matching: (pattern) => [
			...['emailAddress', 'lastName', 'firstName', ...(code ? [code] : [])].map((field) => ({
				[field]: { contains: pattern }
			}))
		],
		creating: {
			isPossible: ({ references }) => references.has('Customer'),
			create: ({ reference, fields, server }, api, options) =>
				createCustomer({ reference, normal: normalForms(codecs, fields), settings, server }, api, options, row)
		},
		planUpdates: (inputs) =>
			planEach(inputs, ({ row: before, fields, server, guarded }) => {
				const input = { id: before.id, ...patchOf(normalForms(codecs, fields), settings) };
				if (!server.hasPlugin) return planUnguarded(input, from);
				const write = {
					field: 'channelMappingUpdateCustomer',
					types: { customer: 'UpdateCustomerInput!' },
					values: { customer: input }
				};
				return guardedWrite(write, { state: before.state, guarded }, from, {
					schema: customerState,
					fieldsOf: (state) => fieldsOf(state, codecs, settings)
				});
			})
	};
}

function customerFields({ customerCodeField: code, taxIdField: taxId }: VendureSettings): readonly FieldCodec[] {
	const text = (value: Value) => canonical('text', value);
	const custom = (name: string, label: string | undefined): FieldCodec[] =>
		label === undefined ? [] : [{ name, type: 'text', label, normal: text }];
	return [
		...custom('value', code),
		{ name: 'name', type: 'text', label: 'Name', normal: oneSpaced },
		{ name: 'email', type: 'text', label: 'E-mail address', normal: (value) => text(inSmallLetters(value)) },
		{ name: 'phone', type: 'text', label: 'Phone number', normal: text },
		...custom('tax_id', taxId)
	];
}

/** As Vendure keeps it: only what looks like an address. */
function inSmallLetters(value: Value): Value {
	const isAddress = typeof value === 'string' && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value.trim());
	return isAddress ? value.toLowerCase() : value;
}

/** First and last name are joined by a space, and told apart by one. */
function oneSpaced(value: Value): Value {
	return typeof value === 'string' ? canonical('text', value.replace(/\s+/g, ' ')) : value;
}

function customerSelection({ customerCodeField, taxIdField }: VendureSettings, { references }: VendureServer): string {
	const custom = [references.has('Customer') ? referenceField : '', customerCodeField ?? '', taxIdField ?? ''].filter(
		Boolean
	);
	const customFields = custom.length > 0 ? `customFields { ${[...new Set(custom)].join(' ')} }` : '';
	return `id updatedAt firstName lastName phoneNumber emailAddress ${customFields}`;
}

function customerRow(
	raw: RawCustomer,
	codecs: readonly FieldCodec[],
	settings: VendureSettings,
	server: VendureServer
): CustomerRow {
	const { firstName, lastName, phoneNumber, emailAddress, customFields } = raw;
	const named = [settings.customerCodeField, settings.taxIdField].filter((name) => name !== undefined);
	const custom = Object.fromEntries(named.map((name) => [name, customFieldOf(customFields, name)]));
	const state = { customer: { firstName, lastName, phoneNumber, emailAddress, customFields: custom } };
	const record: ExternalRecord = {
		id: raw.id,
		variantId: '',
		version: server.hasPlugin ? versionOf(state) : null,
		stamp: raw.updatedAt,
		...fieldsOf(state, codecs, settings),
		reference: referenceOf(customFields),
		...(settings.dashboardUrl !== undefined && { url: `${settings.dashboardUrl}/customers/${raw.id}` })
	};
	return { id: raw.id, record, state };
}

function fieldsOf({ customer }: CustomerState, codecs: readonly FieldCodec[], settings: VendureSettings) {
	return readable(codecs, {
		value: customFieldOf(customer.customFields, settings.customerCodeField),
		name: [customer.firstName, customer.lastName].filter((part) => part.trim() !== '').join(' ') || null,
		email: customer.emailAddress,
		phone: customer.phoneNumber,
		tax_id: customFieldOf(customer.customFields, settings.taxIdField)
	});
}

/** Values of a write. Throws `rejected` for a customer without an e-mail address, which Vendure does not have. */
function patchOf(
	normal: Fields,
	{ customerCodeField: code, taxIdField: taxId }: VendureSettings
): Record<string, unknown> {
	const patch: Record<string, unknown> = {};
	const custom: Record<string, Value> = {};
	if (normal['name'] !== undefined) Object.assign(patch, namesOf(normal['name']));
	if (normal['email'] === null) throw withoutEmail();
	if (normal['email'] !== undefined) patch['emailAddress'] = normal['email'];
	if (normal['phone'] !== undefined) patch['phoneNumber'] = normal['phone'];
	if (normal['value'] !== undefined && code !== undefined) custom[code] = normal['value'];
	if (normal['tax_id'] !== undefined && taxId !== undefined) custom[taxId] = normal['tax_id'];
	return Object.keys(custom).length > 0 ? { ...patch, customFields: custom } : patch;
}

/** The last word is the last name; a single word is one. */
function namesOf(name: Value): { firstName: string; lastName: string } {
	const text = name === null ? '' : String(name);
	const at = text.lastIndexOf(' ');
	return { firstName: text.slice(0, Math.max(0, at)), lastName: text.slice(at + 1) };
}

function withoutEmail(): ConnectorError {
	const reply = 'A customer of Vendure needs an e-mail address.';
	return new ConnectorError('rejected', { hint: `${reply} Give the business partner one, then sync it again.`, reply });
}

const writtenSchema = z.object({ __typename: z.string() }).loose();

function planUnguarded(input: object, from: string): PlannedWrite {
	const types = { input: 'UpdateCustomerInput!' };
	return {
		alone: true,
		mutations: [{ field: 'updateCustomer', types, values: { input }, selection: '__typename' }],
		replyOf(answer) {
			refuseTaken(answer, from);
			return untold;
		}
	};
}

async function createCustomer(
	{
		reference,
		normal,
		settings,
		server
	}: { reference: string; normal: Fields; settings: VendureSettings; server: VendureServer },
	api: AdminApi,
	options: CallOptions | undefined,
	row: (raw: unknown, server: VendureServer) => CustomerRow
): Promise<CustomerRow> {
	const { customFields = {}, ...patch } = patchOf({ email: null, name: null, ...normal }, settings);
	const input = { ...patch, customFields: { ...(customFields as object), [referenceField]: reference } };
	const document = `mutation ChannelMappingCreateCustomer($input: CreateCustomerInput!) {
		customer: createCustomer(input: $input) {
			__typename
			... on Customer { ${customerSelection(settings, server)} }
		}
	}`;
	const data = await api.ask({ document, purpose: 'write', creates: true }, { input }, options);
	const { customer } = parsed(z.object({ customer: z.unknown() }), data, api.from, 'a create');
	refuseTaken(customer, api.from);
	return row(customer, server);
}

/** Throws `duplicate` where a customer mutation answered that the address is taken. */
function refuseTaken(answer: unknown, from: string): void {
	if (parsed(writtenSchema, answer, from, 'a write').__typename !== 'Customer') throw emailTaken(from);
}
