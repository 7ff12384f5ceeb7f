import { z } from 'zod';
import { canonical, type Fields, type Value } from '#src/sync/fields.ts';
import type { ExternalRecord, FieldCodec } from '../connector.ts';
import { normalForms, readable } from '../readable.ts';
import type { AdminApi } from './admin-api.ts';
import {
	idText,
	isListedId,
	referenceOf,
	stampSchema,
	type VendureEntity,
	type VendureRow,
	versionOf
} from './entity.ts';
import { planEach } from './planned-write.ts';
import { parsed } from './reply-error.ts';
import { referenceField, type VendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';
import { createCollection, planCollection } from './write-collection.ts';

const collectionSchema = z.object({
	id: idText,
	updatedAt: stampSchema,
	isPrivate: z.boolean(),
	parent: z.object({ id: idText, slug: z.string() }),
	translations: z.array(
		z.object({ languageCode: z.string(), name: z.string(), slug: z.string(), description: z.string() })
	),
	customFields: z.record(z.string(), z.unknown()).nullable().optional()
});
type RawCollection = z.output<typeof collectionSchema>;

/** What a collection holds in one language. */
export const collectionState = z.object({
	collection: z.object({ isPrivate: z.boolean(), parentId: idText }),
	collectionTranslation: z.object({
		languageCode: z.string(),
		name: z.string().nullable(),
		slug: z.string().nullable()
	})
});
export type CollectionState = z.output<typeof collectionState>;

export type CollectionRow = VendureRow & { raw: RawCollection; state: CollectionState };

/** The collection above all others, which no list shows. */
const rootSlug = '__root_collection__';

/**
 * A product category is a collection; its code is the slug. What is in it follows from its filters: which category a product
 * has cannot be told from there.
 */
export function collectionEntity(settings: VendureSettings, from: string, api: AdminApi): VendureEntity<CollectionRow> {
	const row = (raw: unknown, server: VendureServer) =>
		collectionRow(parsed(collectionSchema, raw, from, 'collections'), settings, server);
	return {
		type: 'Collection',
		fields: codecs,
		stampCovers: codecs.map(({ name }) => name),
		fingerprint: `vendure/product-category/1/${settings.language}`,
		list: 'collections',
		optionsType: 'CollectionListOptions',
		selection,
		rows: (raw, server) => [row(raw, server)],
		isGuarded: ({ guardsCollections }) => guardsCollections,
		listedId: ({ id, variantId }) => (isListedId(id) && variantId === '' ? id : null),
		withCode: (text) => [{ slug: { eq: text } }],
		matching: (pattern) => [{ slug: { contains: pattern } }, { name: { contains: pattern } }],
		creating: {
			isPossible: ({ references }) => references.has('Collection'),
			async create({ reference, fields, server }, _, options) {
				const input = { reference, normal: normalForms(codecs, fields), settings, selection: selection(server) };
				return row(await createCollection(input, api, options), server);
			}
		},
		// The slug of one may be taken by another; moving one writes all beside it.
		joins: (fields) => !('value' in fields || 'parent' in fields),
		planUpdates: (inputs, _, options) =>
			planEach(inputs, ({ row: before, fields, server, guarded }) =>
				planCollection(
					{ before, normal: normalForms(codecs, fields), settings, server, guarded },
					api,
					options,
					(state) => fieldsOf(state, before.raw)
				)
			)
	};
}

const codecs: readonly FieldCodec[] = [
	{ name: 'value', type: 'text', label: 'Slug', normal: slugForm },
	{ name: 'name', type: 'text', label: 'Name', normal: (value) => canonical('text', value) },
	{ name: 'parent', type: 'text', label: 'Parent', normal: (value) => canonical('text', value) },
	{ name: 'is_active', type: 'boolean', label: 'Visible', normal: (value) => canonical('boolean', value) }
];

/** As Vendure keeps it: small letters without signs, "-" for spaces. */
function slugForm(value: Value): Value {
	if (value === null) return null;
	const plain = String(canonical('text', value) ?? '')
		.normalize('NFD')
		.replace(/[ßẞ]/g, 'ss')
		.replace(/\u0308/g, 'e')
		.replace(/[\u0300-\u036f]/g, '')
		.toLowerCase()
		.replace(/[!"£$%^&*()+[\]{};:@#~?\\/,|><`¬'=‘’©®™]/g, '')
		.replace(/\s+/g, '-')
		.replace(/-{2,}/g, '-');
	return plain === '' ? null : plain;
}

function selection({ references }: VendureServer): string {
	const customFields = references.has('Collection') ? `customFields { ${referenceField} }` : '';
	return `id updatedAt isPrivate parent { id slug } translations { languageCode name slug description } ${customFields}`;
}

function collectionRow(raw: RawCollection, { language, dashboardUrl }: VendureSettings, server: VendureServer) {
	const own = raw.translations.find(({ languageCode }) => languageCode === language);
	const state: CollectionState = {
		collection: { isPrivate: raw.isPrivate, parentId: raw.parent.id },
		collectionTranslation: { languageCode: language, name: own?.name ?? null, slug: own?.slug ?? null }
	};
	const record: ExternalRecord = {
		id: raw.id,
		variantId: '',
		version: server.guardsCollections ? versionOf(state) : null,
		stamp: raw.updatedAt,
		...fieldsOf(state, raw),
		reference: referenceOf(raw.customFields),
		...(dashboardUrl !== undefined && { url: `${dashboardUrl}/collections/${raw.id}` })
	};
	return { record, state, raw };
}

/** Where a text is not there in the language of the channel, Vendure shows another one, and so do we. */
function fieldsOf({ collection, collectionTranslation }: CollectionState, raw: RawCollection): { fields: Fields } {
	const [shown] = raw.translations;
	// Only the way to the top has changed where the state is that after a write.
	const isTop = collection.parentId === raw.parent.id && raw.parent.slug === rootSlug;
	return readable(codecs, {
		value: collectionTranslation.slug ?? shown?.slug ?? null,
		name: collectionTranslation.name ?? shown?.name ?? null,
		parent: isTop ? null : collection.parentId,
		is_active: !collection.isPrivate
	});
}
