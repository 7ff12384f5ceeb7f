import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { referencesOf, type Entity, type EntityField } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { externalKeys } from '#src/store/find-references.ts';
import { linkTable } from '#src/store/link-state.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { productsIn, withProducts } from '#src/sync/order-lines.ts';
import { idsIn } from '#src/sync/reference.ts';
import { isId } from './identifier.ts';

/** A value of a field of one side; `channelId` is whose id it is where it is a reference of the channel's. */
export type ShownValue = {
	entity: string;
	field: string;
	side: 'internal' | 'external';
	channelId: string | null;
	value: Value | undefined;
};

/** A value as a person reads it: what a reference points to by code and name, everything else as it is. */
export type NameOf = <V extends Value | undefined>(shown: Omit<ShownValue, 'value'> & { value: V }) => V | string;

const channelsKey = ({ channelId, to, id }: { channelId: string; to: string; id: string }) =>
	`${channelId}\n${to}\n${id}`;

/** Page of what a reference points to: our record, or the link of the channel's; null where there is none. */
export type PageOf = (shown: ShownValue) => string | null;

/** Looks up what these values point to, all at once; what is not known keeps its raw id. */
export async function referenceNames(db: Db, values: readonly ShownValue[]): Promise<NameOf> {
	const pointing = pointingIn(values);
	return nameOfAll(await ourNamesOf(db, pointing), await theirNames(db, theirsOf(pointing)));
}

/** The same, with the pages of what they point to. */
export async function referencesShown(
	db: Db,
	values: readonly ShownValue[]
): Promise<{ nameOf: NameOf; pageOf: PageOf }> {
	const pointing = pointingIn(values);
	const ours = await ourNamesOf(db, pointing);
	const named = await theirNames(db, theirsOf(pointing));
	const links = await linksOf(db, theirsOf(pointing));
	const pageOf = ({ entity, field, side, channelId, value }: ShownValue) => {
		const { to, type } = targetOf(entity, field) ?? {};
		if (!to || type === 'lines' || typeof value !== 'string') return null;
		if (side === 'internal') return ours.has(`${to}\n${value}`) ? `/records/${to}/${value}` : null;
		const link = links.get(channelsKey({ channelId: channelId ?? '', to, id: value }));
		return link === undefined ? null : `/links/${to}/${link}`;
	};
	return { nameOf: nameOfAll(ours, named), pageOf };
}

type Pointing = { to: string; side: 'internal' | 'external'; channelId: string; id: string };

function pointingIn(values: readonly ShownValue[]): Pointing[] {
	return values.flatMap(({ entity, field, side, channelId, value }) => {
		const target = targetOf(entity, field);
		if (!target?.to || typeof value !== 'string') return [];
		return idsIn(target.type, value).map((id) => ({ to: target.to ?? '', side, channelId: channelId ?? '', id }));
	});
}

function theirsOf(pointing: readonly Pointing[]): Pointing[] {
	return pointing.filter(({ side, channelId }) => side === 'external' && isId(channelId));
}

function nameOfAll(ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): NameOf {
	return <V extends Value | undefined>(shown: Omit<ShownValue, 'value'> & { value: V }) => {
		const target = targetOf(shown.entity, shown.field);
		const to = target?.to;
		if (!to || typeof shown.value !== 'string') return shown.value;
		const nameOf = (id: string) =>
			shown.side === 'internal'
				? ours.get(`${to}\n${id}`)
				: theirs.get(channelsKey({ channelId: shown.channelId ?? '', to, id }));
		if (target.type === 'lines') return withProducts(shown.value, (id) => nameOf(id) ?? id) ?? shown.value;
		return nameOf(shown.value) ?? shown.value;
	};
}

async function ourNamesOf(db: Db, pointing: readonly Pointing[]): Promise<ReadonlyMap<string, string>> {
	const ours = new Map<string, string>();
	for (const to of new Set(pointing.filter(({ side }) => side === 'internal').map((each) => each.to))) {
		const ids = pointing.filter((each) => each.side === 'internal' && each.to === to && isId(each.id));
		for (const { id, name } of await ourNames(db, to, [...new Set(ids.map(({ id }) => id))]))
			ours.set(`${to}\n${id}`, name);
	}
	return ours;
}

/** The values of one of our records as its form shows them: a reference as the code of what it points to. */
export async function withCodes(db: Db, entity: Entity, fields: Fields): Promise<Fields> {
	const shown: Record<string, Value> = { ...fields };
	for (const { field, to } of referencesOf(entity)) {
		const id = fields[field];
		if (typeof id !== 'string' || !isId(id)) continue;
		const [record] = (await entityNamed(to)?.store.read(db, [id])) ?? [];
		shown[field] = record ? (record.fields['value'] ?? id) : id;
	}
	for (const { name, type, to } of entity.fields) {
		const value = fields[name] ?? null;
		if (type !== 'lines' || value === null) continue;
		const names = new Map((await ourNames(db, to ?? '', productsIn(value))).map((each) => [each.id, each.name]));
		shown[name] = withProducts(value, (id) => names.get(id) ?? id);
	}
	return shown;
}

/** The other way round: references by code become ids. Names the field whose code no record of ours has. */
export async function fromCodes(
	db: Db,
	entity: Entity,
	fields: Fields
): Promise<{ fields: Fields; unknown: { field: string; code: string } | null }> {
	const values: Record<string, Value> = { ...fields };
	for (const { field, to } of referencesOf(entity)) {
		const code = fields[field];
		if (typeof code !== 'string' || code === '') continue;
		const [row] = await db.execute<{ id: string }>(
			sql`select r.id::text as id from ${sql.identifier(entityNamed(to)?.recordTable ?? '')} r where r.value = ${code}`
		);
		if (!row) return { fields: values, unknown: { field, code } };
		values[field] = row.id;
	}
	return { fields: values, unknown: null };
}

/** What a reference may point to, for a form to offer: the first 200 of ours by code, by field. */
export async function referenceChoices(
	db: Db,
	entity: Entity
): Promise<Record<string, { value: string; name: string }[]>> {
	const choices: Record<string, { value: string; name: string }[]> = {};
	for (const { field, to } of referencesOf(entity)) {
		const target = entityNamed(to);
		if (!target) continue;
		choices[field] = [
			...(await db.execute<{ value: string; name: string }>(
				sql`select r.value, r.name from ${sql.identifier(target.recordTable)} r order by r.value limit ${choicesAtMost}`
			))
		];
	}
	return choices;
}

const choicesAtMost = 200;

function targetOf(entity: string, name: string): EntityField | undefined {
	return entityNamed(entity)?.fields.find((field) => field.name === name);
}

async function ourNames(db: Db, to: string, ids: readonly string[]) {
	const entity = entityNamed(to);
	if (!entity || ids.length === 0) return [];
	const records = await entity.store.read(db, ids);
	return records.map(({ id, fields }) => ({ id, name: called(fields['value'], fields['name'], id) }));
}

async function theirNames(
	db: Db,
	wanted: readonly { channelId: string; to: string; id: string }[]
): Promise<ReadonlyMap<string, string>> {
	if (wanted.length === 0) return new Map();
	const keys = keysOf(wanted);
	const rows = await db.execute<{
		channelId: string;
		to: string;
		id: string;
		value: string | null;
		name: string | null;
	}>(sql`
		select r.c_channel_id::text as "channelId", r.entity as "to", cm_reference_id(r.external_id, r.external_variant_id) as id,
			r.fields ->> 'value' as value, r.fields ->> 'name' as name
		from jsonb_to_recordset(${keys}::text::jsonb) as k(channel bigint, "to" text, id text, variant text)
		join c_channel_record r on r.c_channel_id = k.channel and r.entity = k."to" and r.external_id = k.id and r.external_variant_id = k.variant`);
	return new Map(rows.map((row) => [channelsKey(row), called(row.value, row.name, row.id)]));
}

/** The links of records of channels, by whose id it is. */
async function linksOf(db: Db, wanted: readonly Pointing[]): Promise<ReadonlyMap<string, string>> {
	const links = new Map<string, string>();
	for (const to of new Set(wanted.map((each) => each.to))) {
		const entity = entityNamed(to);
		if (!entity) continue;
		const { map, external } = linkTable(entity);
		const rows = await db.execute<{ channelId: string; to: string; id: string; link: string }>(sql`
			select m.c_channel_id::text as "channelId", ${to}::text as "to", cm_reference_id(m.${external}, m.external_variant_id) as id,
				m.id::text as link
			from jsonb_to_recordset(${keysOf(wanted.filter((each) => each.to === to))}::text::jsonb) as k(channel bigint, id text, variant text)
			join ${map} m on m.c_channel_id = k.channel and m.${external} = k.id and m.external_variant_id = k.variant`);
		for (const row of rows) links.set(channelsKey(row), row.link);
	}
	return links;
}

function keysOf(wanted: readonly { channelId: string; to: string; id: string }[]): string {
	return JSON.stringify(
		wanted.flatMap(({ channelId, to, id }) => externalKeys(id).map((key) => ({ channel: channelId, to, ...key })))
	);
}

function called(value: Value | undefined, name: Value | undefined, id: string): string {
	return [value, name].filter((word) => typeof word === 'string' && word !== '').join(' ') || id;
}
