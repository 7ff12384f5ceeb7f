import { z } from 'zod';
import type { Fields, Value } from '#src/sync/fields.ts';
import type { CallOptions } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { AdminApi } from './admin-api.ts';
import { type CollectionRow, collectionState, type CollectionState } from './collection.ts';
import { guardedWrite } from './guarded-write.ts';
import type { Mutation, PlannedWrite } from './planned-write.ts';
import { parsed } from './reply-error.ts';
import { referenceField, type VendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';
import { idText } from './entity.ts';

type Normal = Readonly<Record<string, Value>>;

type NewCollection = { reference: string; normal: Normal; settings: VendureSettings; selection: string };

/** Makes a collection with the reference; answers it as Vendure shows it. Throws `duplicate` for a slug that is taken. */
export async function createCollection(
	{ reference, normal, settings, selection }: NewCollection,
	api: AdminApi,
	options?: CallOptions
): Promise<unknown> {
	const { value = null, name = null, parent = null, is_active: isActive = true } = normal;
	await refuseTakenSlug(value, null, settings, api, options);
	const input = {
		isPrivate: isActive === false,
		...(parent !== null && { parentId: parent }),
		filters: [],
		translations: [{ languageCode: settings.language, name, slug: value ?? '', description: '' }],
		customFields: { [referenceField]: reference }
	};
	const document = `mutation ChannelMappingCreateCollection($input: CreateCollectionInput!) {
		created: createCollection(input: $input) { ${selection} }
	}`;
	const data = await api.ask({ document, purpose: 'write', creates: true }, { input }, options);
	return parsed(z.object({ created: z.unknown() }), data, api.from, 'a create').created;
}

type CollectionUpdate = {
	before: CollectionRow;
	normal: Normal;
	settings: VendureSettings;
	server: VendureServer;
	guarded: boolean;
};

/**
 * The write of a collection, then its move where its parent is among the fields. Our plugin does both in one transaction. Throws
 * `duplicate` for a slug that is taken.
 */
export async function planCollection(
	{ before, normal, settings, server, guarded }: CollectionUpdate,
	api: AdminApi,
	options: CallOptions | undefined,
	fieldsOf: (state: CollectionState) => { fields: Fields }
): Promise<PlannedWrite> {
	if (normal['value'] !== undefined) await refuseTakenSlug(normal['value'], before.raw.id, settings, api, options);
	const collection = patchOf(before, normal, settings);
	const move = await moveOf(before, normal['parent'], api, options);
	if (server.guardsCollections) {
		const write = {
			field: 'channelMappingUpdateCollection',
			types: { collection: 'UpdateCollectionInput!', move: 'MoveCollectionInput' },
			values: { collection, move }
		};
		return guardedWrite(write, { state: before.state, guarded }, api.from, {
			schema: collectionState,
			// Whether its new parent is the one above all others is seen by reading it.
			fieldsOf: (state) => (move ? null : fieldsOf(state))
		});
	}
	return {
		mutations: [
			...(Object.keys(collection).length > 1 ? [mutationOf('updateCollection', 'Update', collection)] : []),
			...(move ? [mutationOf('moveCollection', 'Move', move)] : [])
		]
	};
}

function mutationOf(field: string, verb: 'Update' | 'Move', input: object): Mutation {
	return { field, types: { input: `${verb}CollectionInput!` }, values: { input }, selection: 'id' };
}

function patchOf({ raw, state }: CollectionRow, normal: Normal, { language }: VendureSettings) {
	const texts = {
		...(normal['value'] !== undefined && { slug: normal['value'] }),
		...(normal['name'] !== undefined && { name: normal['name'] })
	};
	const [shown] = raw.translations;
	// What the first text in this language must have besides.
	const first = state.collectionTranslation.name === null && { ...shown, languageCode: language };
	return {
		id: raw.id,
		...(normal['is_active'] !== undefined && { isPrivate: normal['is_active'] === false }),
		...(Object.keys(texts).length > 0 && { translations: [{ ...first, languageCode: language, ...texts }] })
	};
}

type Move = { collectionId: string; parentId: string; index: number };

/** Behind all others of its new parent. */
const lastPlace = 1_000_000;

async function moveOf(
	{ raw }: CollectionRow,
	parent: Value | undefined,
	api: AdminApi,
	options?: CallOptions
): Promise<Move | null> {
	if (parent === undefined) return null;
	const parentId = parent === null ? await rootId(raw.id, api, options) : String(parent);
	return { collectionId: raw.id, parentId, index: lastPlace };
}

const breadcrumbs = z.object({
	collection: z.object({ breadcrumbs: z.tuple([z.object({ id: idText })]).rest(z.unknown()) })
});

/** Id of the collection above all others. */
async function rootId(id: string, api: AdminApi, options?: CallOptions): Promise<string> {
	const document = `query ChannelMappingRoot($id: ID!) { collection(id: $id) { breadcrumbs { id } } }`;
	const data = await api.ask({ document, purpose: 'read' }, { id }, options);
	return parsed(breadcrumbs, data, api.from, 'the question for the top').collection.breadcrumbs[0].id;
}

const withSlug = z.object({
	found: z.object({
		items: z.array(
			z.object({ id: idText, translations: z.array(z.object({ languageCode: z.string(), slug: z.string() })) })
		)
	})
});

/** Vendure would change a slug that is taken, without a word. */
async function refuseTakenSlug(
	slug: Value,
	exceptId: string | null,
	{ language }: VendureSettings,
	api: AdminApi,
	options?: CallOptions
): Promise<void> {
	if (slug === null) {
		const reply = 'A collection of Vendure needs a slug.';
		throw new ConnectorError('rejected', { hint: `${reply} Give the category a code, then sync it again.`, reply });
	}
	const document = `query ChannelMappingSlug($options: CollectionListOptions) {
		found: collections(options: $options) { items { id translations { languageCode slug } } }
	}`;
	const variables = { options: { filter: { slug: { eq: slug } }, take: 10 } };
	const data = await api.ask({ document, purpose: 'read' }, variables, options);
	const { items } = parsed(withSlug, data, api.from, 'a search').found;
	const taken = items.some(
		({ id, translations }) =>
			id !== exceptId && translations.some((each) => each.languageCode === language && each.slug === slug)
	);
	if (!taken) return;
	const hint = `${api.from} already has a collection with the slug "${String(slug)}". Link that one, or change one of the two.`;
	throw new ConnectorError('duplicate', { hint });
}
