import { z } from 'zod';
import { canonical, type Fields } from '#src/sync/fields.ts';
import type { ExternalRecord, FieldCodec } from '../connector.ts';
import { normalForms, readable } from '../readable.ts';
import type { AdminApi } from './admin-api.ts';
import { customFieldOf, idText, isListedId, stampSchema, type VendureEntity, type VendureRow } from './entity.ts';
import { planEach } from './planned-write.ts';
import { parsed } from './reply-error.ts';
import { referenceField, type VendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';

const locationSchema = z.object({
	id: idText,
	updatedAt: stampSchema,
	name: z.string(),
	customFields: z.record(z.string(), z.unknown()).nullable().optional()
});

/**
 * A warehouse is a stock location. It has no code of its own: where the settings name a custom field for it, that is synced;
 * where not, the name is the code of a warehouse of ours that is made from it.
 */
export function stockLocationEntity(settings: VendureSettings, from: string, api: AdminApi): VendureEntity {
	const { warehouseCodeField: code, dashboardUrl } = settings;
	const codecs = codecsOf(code);
	const selection = ({ references }: VendureServer) => {
		const custom = [references.has('StockLocation') ? referenceField : '', code ?? ''].filter(Boolean);
		return `id updatedAt name ${custom.length > 0 ? `customFields { ${custom.join(' ')} }` : ''}`;
	};
	const row = (raw: unknown): VendureRow => {
		const { id, updatedAt, name, customFields } = parsed(locationSchema, raw, from, 'stockLocations');
		const record: ExternalRecord = {
			id,
			variantId: '',
			version: null,
			stamp: updatedAt,
			...readable(codecs, { value: code === undefined ? name : customFieldOf(customFields, code), name }),
			reference: customFieldOf(customFields, referenceField),
			...(dashboardUrl !== undefined && { url: `${dashboardUrl}/stock-locations/${id}` })
		};
		return { record, state: {} };
	};
	const inputOf = ({ value, name }: Fields, more: object = {}) => {
		const customFields = { ...more, ...(code !== undefined && value !== undefined && { [code]: value }) };
		return {
			...(name !== undefined && { name }),
			...(Object.keys(customFields).length > 0 && { customFields })
		};
	};
	return {
		type: 'StockLocation',
		fields: codecs,
		stampCovers: codecs.map(({ name }) => name),
		fingerprint: `vendure/warehouse/1/${code ?? ''}`,
		list: 'stockLocations',
		optionsType: 'StockLocationListOptions',
		selection,
		rows: (raw) => [row(raw)],
		isGuarded: () => false,
		listedId: ({ id, variantId }) => (isListedId(id) && variantId === '' ? id : null),
		withCode: (text) => [{ name: { eq: text } }, ...(code ? [{ [code]: { eq: text } }] : [])],
		matching: (pattern) => [{ name: { contains: pattern } }, ...(code ? [{ [code]: { contains: pattern } }] : [])],
		creating: {
			isPossible: ({ references }) => references.has('StockLocation'),
			async create({ reference, fields, server }, _, options) {
				const input = inputOf({ name: null, ...normalForms(codecs, fields) }, { [referenceField]: reference });
				const document = `mutation ChannelMappingStockLocation($input: CreateStockLocationInput!) {
					made: createStockLocation(input: $input) { ${selection(server)} }
				}`;
				const data = await api.ask({ document, purpose: 'write', creates: true }, { input }, options);
				return row(parsed(madeSchema, data, from, 'a write').made);
			}
		},
		planUpdates: (inputs) =>
			planEach(inputs, ({ row: { record }, fields }) => {
				const input = { id: record.id, ...inputOf(normalForms(codecs, fields)) };
				const types = { input: 'UpdateStockLocationInput!' };
				return { mutations: [{ field: 'updateStockLocation', types, values: { input }, selection: 'id' }] };
			})
	};
}

const madeSchema = z.object({ made: z.unknown() });

function codecsOf(code: string | undefined): readonly FieldCodec[] {
	const value: FieldCodec = { name: 'value', type: 'text', label: code ?? 'Name', normal: text };
	return [
		code === undefined ? { ...value, readOnly: true, once: true } : value,
		{ name: 'name', type: 'text', label: 'Name', normal: text }
	];
}

const text: FieldCodec['normal'] = (value) => canonical('text', value);
