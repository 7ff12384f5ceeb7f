import { pointingFields, type Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { FoundReferences, WantedReferences } from '#src/store/find-references.ts';
import type { AwaitingOwner, AwaitingRow } from '#src/store/save-awaiting.ts';
import type { Store } from '#src/store/store.ts';
import type { Fields, FieldType, Value } from '#src/sync/fields.ts';
import {
	idsIn,
	isPointing,
	translated,
	unlinkedIn,
	type AwaitedReference,
	type ReferenceLinks
} from '#src/sync/reference.ts';
import { valueTableOf, valueTarget } from '#src/sync/value-table.ts';
import type { Resource } from '../connectors/connector.ts';

/** The references of some records, looked up: by field. */
export type References = Readonly<Record<string, Found>>;

type Found = ReferenceLinks & Pick<FoundReferences, 'codes'> & { to: string };

type Carried = { field: string; type: FieldType; to: string };

type Place = { store: Store; channelId: string; entity: Entity; resource: Resource };

/** The fields by which a channel's records point to others, and those whose values are in a value table. */
function carried({ entity, resource }: Pick<Place, 'entity' | 'resource'>): Carried[] {
	const pointing = new Map(pointingFields(entity).map(({ field, to }) => [field, to]));
	return resource.fields.flatMap(({ name, type, table }) => {
		const to = table === undefined ? pointing.get(name) : valueTarget(table);
		return isPointing(type) && to !== undefined ? [{ field: name, type, to }] : [];
	});
}

/** Looks up what the references of these records point to, all of one entity in one query; undefined where there are none. */
export async function lookUpReferences(
	place: Place,
	internal: readonly (Fields | null | undefined)[],
	external: readonly (Fields | null | undefined)[]
): Promise<References | undefined> {
	if (!place.resource.fields.some(({ type }) => isPointing(type))) return undefined;
	const fields = carried(place);
	const wanted = [...new Set(fields.map(({ to }) => to))].map((to): WantedReferences => {
		const named = fields.filter((one) => one.to === to);
		return { to, internal: allIds(internal, named), external: allIds(external, named) };
	});
	const found = await place.store.findReferences({ channelId: place.channelId, wanted });
	return Object.fromEntries(
		fields.flatMap(({ field, to }) => (found[to] ? [[field, { ...found[to], to }] as const] : []))
	);
}

function allIds(records: readonly (Fields | null | undefined)[], named: readonly Carried[]): string[] {
	const ids = records.flatMap((fields) => named.flatMap(({ field, type }) => idsIn(type, fields?.[field] ?? null)));
	return [...new Set(ids)].sort();
}

/**
 * Values of one side as the other side holds them, and the references that cannot be carried over. What is not written there
 * is not waited for.
 */
export function carriedOver(
	resource: Resource,
	references: References | undefined,
	side: 'internal' | 'external',
	fields: Fields
): { fields: Fields; awaiting: AwaitedReference[] } {
	const rules = resource.fields.filter(({ name, type }) => isPointing(type) && fields[name] !== undefined);
	if (rules.length === 0) return { fields, awaiting: [] };
	const values: Record<string, Value> = { ...fields };
	const awaiting: AwaitedReference[] = [];
	for (const rule of rules) {
		const value = fields[rule.name] ?? null;
		values[rule.name] = translated(rule, references, side, value);
		if (side === 'internal' && rule.readOnly) continue;
		const unlinked = unlinkedIn(rule.type, references?.[rule.name], side, value);
		awaiting.push(...unlinked.map((id) => ({ field: rule.name, side, id })));
	}
	return { fields: values, awaiting };
}

type Awaiting = Omit<AwaitingRow, keyof AwaitingOwner>;

/** What is waited for, in words for an operator. */
export function awaitingOf(
	channelName: string,
	references: References | undefined,
	awaited: readonly AwaitedReference[]
): Awaiting[] {
	return awaited.map(({ field, side, id }) => {
		const found = references?.[field];
		const to = found?.to ?? '';
		const table = valueTableOf(to);
		if (table !== null)
			return { field, toEntity: to, side, refId: id, problem: unmapped(channelName, table, field, id) };
		const label = entityNamed(to)?.label.one.toLowerCase() ?? to;
		const code = found?.codes[side][id] ?? id;
		const problem = {
			kind: 'awaiting',
			message: `Waits for ${label} ${code} to be linked in ${channelName}.`,
			hint: 'Link it; this record then goes on by itself.',
			field
		};
		return { field, toEntity: to, side, refId: id, problem };
	});
}

function unmapped(channelName: string, table: string, field: string, value: string) {
	return {
		kind: 'unmapped-value',
		message: `${value} is not mapped (${table}, ${channelName}).`,
		hint: `Say what it is called on the other side in the value tables of ${channelName}; this record then goes on by itself.`,
		field
	};
}
