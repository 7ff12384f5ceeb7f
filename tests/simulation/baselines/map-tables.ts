import type { ExternalRecord, Resource } from '#src/engine/connectors/connector.ts';
import { seenOf } from '#src/engine/runs/seen.ts';
import type { InternalRecord } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { canonical, type Fields } from '#src/sync/fields.ts';
import type { LinkRow } from '../directory.ts';
import type { Import, Surroundings } from './baseline.ts';

export type Pair = { link: LinkRow; record: InternalRecord };

/** A channel and an entity of it. */
export type Place = { channelId: string; entity: string };

/**
 * Our records and the `c_channel_map_*` rows as a plain SQL program uses them: selects, updates without a condition, and
 * each insert of a record with its link in one transaction. A link's two unique keys hold.
 */
export function createMapTables({ directory }: Pick<Surroundings, 'directory'>) {
	const imports: Import[] = [];
	const linksOf = async ({ channelId, entity }: Place) =>
		(await directory.links(entity)).filter((link) => link.channelId === channelId);

	async function insertLink({ channelId, entity: name }: Place, internalId: string, external: ExternalRecord) {
		const entity = entityNamed(name);
		if (!entity) throw new Error(`there is no entity ${name}`);
		const records = [seenOf(entity, external)];
		await directory.store.recordPage({ channelId, entity, records, complete: false, cursor: null, run: null });
		const result = await directory.people.linkRecords({
			actor: { name: 'sync' },
			via: 'web',
			channelId,
			entity: name,
			internalId,
			externalId: external.id,
			variantId: '',
			override: true
		});
		return 'ok' in result && result.ok;
	}

	return {
		imports,
		verbs: {
			/** The query of the seed document: linked records of ours, and to what they are linked. */
			async mapped(place: Place): Promise<Pair[]> {
				const pairs: Pair[] = [];
				for (const link of await linksOf(place)) {
					const record = await directory.read(place.entity, link.internalId);
					if (record) pairs.push({ link, record });
				}
				return pairs;
			},
			async unmapped(place: Place): Promise<InternalRecord[]> {
				const linked = new Set((await linksOf(place)).map(({ internalId }) => internalId));
				return (await directory.all(place.entity)).filter(({ id }) => !linked.has(id));
			},
			async update({ entity, id, fields }: { entity: string; id: string; fields: Fields }): Promise<void> {
				await directory.update(entity, id, fields);
			},
			/** The new record's id, or null where the channel's record is linked by now. */
			async insertLinked(input: Place & { external: ExternalRecord }): Promise<string | null> {
				const { channelId, entity, external } = input;
				if ((await linksOf(input)).some(({ externalId }) => externalId === external.id)) return null;
				const internalId = await directory.insert(entity, external.fields);
				if (!(await insertLink(input, internalId, external))) {
					await directory.remove(entity, internalId);
					return null;
				}
				imports.push({ channelId, entity, externalId: external.id, internalId });
				return internalId;
			},
			link: (input: Place & { internalId: string; external: ExternalRecord }) =>
				insertLink(input, input.internalId, input.external)
		}
	};
}

/** Which fields differ, once both are in the channel's form. */
export function differing({ fields }: Resource, internal: Fields, external: Fields): string[] {
	return fields
		.filter(({ name, type, normal }) => {
			if (external[name] === undefined) return false;
			return canonical(type, normal(internal[name] ?? null)) !== canonical(type, normal(external[name] ?? null));
		})
		.map(({ name }) => name);
}

/** These fields of a record. */
export function only(names: readonly string[], fields: Fields): Fields {
	return Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
}
