import { advisoryLocks } from '#src/db/advisory-locks.ts';
import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { seal } from '#src/db/seal.ts';
import { columnOf, initialPolicy, referencesOf, type Entity } from '#src/entities/entity.ts';
import { businessPartner } from '#src/entities/business-partner/index.ts';
import { priceList } from '#src/entities/price-list/index.ts';
import { productCategory } from '#src/entities/product-category/index.ts';
import { productPrice } from '#src/entities/product-price/index.ts';
import { product } from '#src/entities/product/index.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { stockLevel } from '#src/entities/stock-level/index.ts';
import { warehouse } from '#src/entities/warehouse/index.ts';
import { matchRecords } from '#src/sync/match.ts';
import { externalKeysOf } from '#src/sync/match-references.ts';
import { startingAt } from '#src/sync/scope.ts';
import { erpSettings, shopSettings } from './channels.ts';
import { insertHistory } from './insert-history.ts';
import type { ChannelStory, Story, StoryInternal } from './story/story.ts';

export type DemoChannel = { url: string; key: string };
export type InsertStoryInput = { story: Story; secretKey: string; erp: DemoChannel; shop: DemoChannel };

const everySeconds: Readonly<Record<string, number>> = { product: 5, 'business-partner': 10, 'sales-order': 10 };

/** Whether the story, or a channel of its name, is there already. */
export async function hasStory(db: Db | Transaction): Promise<boolean> {
	return (await db.execute(sql`select 1 from c_channel where name = 'ERP'`)).length > 0;
}

/**
 * Writes the whole story in one transaction: records, channels live in both directions, links with their state,
 * suggestions, exclusions, history. False, and nothing written, where it is there already.
 */
export async function insertStory(db: Db, input: InsertStoryInput): Promise<boolean> {
	return db.transaction(async (tx) => {
		await tx.execute(sql`select pg_advisory_xact_lock(${advisoryLocks.demoSeed})`);
		if (await hasStory(tx)) return false;
		await insertInternals(tx, product, input.story.products);
		await insertInternals(tx, businessPartner, input.story.partners);
		await insertInternals(tx, productCategory, input.story.categories);
		await insertInternals(tx, warehouse, input.story.warehouses);
		await insertInternals(tx, priceList, input.story.priceLists);
		await insertInternals(tx, productPrice, input.story.prices);
		await insertInternals(tx, stockLevel, input.story.stock);
		const ids: Record<ChannelStory['channel'], string> = {
			ERP: await insertChannel(tx, 'ERP', erpSettings(input.erp.url), input.erp.key, input.secretKey),
			Shop: await insertChannel(tx, 'Shop', shopSettings(input.shop.url), input.shop.key, input.secretKey)
		};
		for (const story of input.story.channels) {
			const entity = entityNamed(story.entity);
			if (entity) await insertChannelStory(tx, ids[story.channel], entity, story);
		}
		await insertHistory(tx, ids, input.story.runs);
		return true;
	});
}

/** Rows for `jsonb_to_recordset`. */
export const rowsOf = (rows: readonly unknown[]) => sql`${JSON.stringify(rows)}::text::jsonb`;

function byColumn(entity: Entity, fields: StoryInternal['fields']): Record<string, unknown> {
	return Object.fromEntries(entity.fields.map((field) => [columnOf(field), fields[field.name] ?? null]));
}

async function insertInternals(tx: Transaction, entity: Entity, records: readonly StoryInternal[]): Promise<void> {
	const text = sql`text`;
	const types = { text, decimal: sql`numeric`, boolean: sql`boolean`, reference: text, time: text, lines: text };
	const names = sql.join(
		entity.fields.map((field) => sql.identifier(columnOf(field))),
		sql`, `
	);
	const columns = sql.join(
		entity.fields.map((field) => sql`${sql.identifier(columnOf(field))} ${types[field.type]}`),
		sql`, `
	);
	// What a record of the story points to is named by its code.
	const values = sql.join(
		entity.fields.map((field) => {
			const column = sql`r.${sql.identifier(columnOf(field))}`;
			const target = entityNamed(field.to ?? '');
			return target
				? sql`(select p.id from ${sql.identifier(target.recordTable)} p where p.value = ${column})`
				: column;
		}),
		sql`, `
	);
	const rows = records.map(({ fields, createdAt, changed }) => ({
		...byColumn(entity, fields),
		changed,
		created_at: createdAt,
		updated_at: Object.values(changed).toSorted().at(-1) ?? createdAt
	}));
	await tx.execute(sql`
		insert into ${sql.identifier(entity.recordTable)} (${names}, changed, created_at, updated_at)
		select ${values}, changed, created_at, updated_at
		from jsonb_to_recordset(${rowsOf(rows)}) as r(${columns}, changed jsonb, created_at timestamptz, updated_at timestamptz)
		order by r.value`);
}

async function insertChannel(
	tx: Transaction,
	name: string,
	settings: unknown,
	key: string,
	secretKey: string
): Promise<string> {
	const [row] = await tx.execute<{ id: string }>(sql`
		insert into c_channel (name, connector, settings) values (${name}, 'rest', ${JSON.stringify(settings)}::text::jsonb) returning id::text as id`);
	if (!row) throw new Error('c_channel: insert returned no row');
	const credentials = JSON.stringify({ key: seal(secretKey, key, row.id, 'key') });
	await tx.execute(sql`update c_channel set credentials = ${credentials}::text::jsonb where id = ${row.id}::bigint`);
	return row.id;
}

async function insertChannelStory(
	tx: Transaction,
	channelId: string,
	entity: Entity,
	story: ChannelStory
): Promise<void> {
	const schedule = JSON.stringify({ everySeconds: everySeconds[entity.name] ?? 60 });
	const { receivesSince: since } = story;
	const policy = {
		...initialPolicy(entity),
		...(since !== undefined && entity.began !== undefined && { scope: startingAt({}, entity.began, since) })
	};
	await tx.execute(sql`
		insert into c_channel_entity (c_channel_id, entity, push_live, pull_live, auto_create_internal, policy, schedule)
		values (${channelId}::bigint, ${entity.name}, true, true, ${since !== undefined}, ${JSON.stringify(policy)}::text::jsonb,
			${schedule}::text::jsonb)`);
	if (since !== undefined) return;
	const seen = story.external.map((record) => ({ ...record, keys: externalKeysOf(entity, record.fields) }));
	await tx.execute(sql`
		insert into c_channel_record (c_channel_id, entity, external_id, fields, stamp, match_keys, deleted_at)
		select ${channelId}::bigint, ${entity.name}, r.id, r.fields, r."changedAt", array(select jsonb_array_elements_text(r.keys)), r."deletedAt"
		from jsonb_to_recordset(${rowsOf(seen)}) as r(id text, fields jsonb, "changedAt" text, keys jsonb, "deletedAt" timestamptz)`);
	await insertLinks(tx, channelId, entity, story);
	await tx.execute(sql`
		insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, reason, created_by, created_at)
		select ${channelId}::bigint, ${entity.name}, 'record', i.id, x.reason, x."createdBy", x."createdAt"
		from jsonb_to_recordset(${rowsOf(story.excluded)}) as x(value text, reason text, "createdBy" text, "createdAt" timestamptz)
		join ${sql.identifier(entity.recordTable)} i on i.value = x.value`);
	await insertSuggestions(tx, channelId, entity, story);
}

async function insertLinks(tx: Transaction, channelId: string, entity: Entity, story: ChannelStory): Promise<void> {
	const { table, internalColumn, externalColumn } = entity.mapNames;
	const map = sql.identifier(table);
	const internal = sql.identifier(internalColumn);
	await tx.execute(sql`
		insert into ${map} (c_channel_id, ${internal}, ${sql.identifier(externalColumn)}, created_at, updated_at, status, base_internal,
			base_external, internal_version, external_stamp, dirty_seq, clean_seq, problem, tries, synced_at)
		select ${channelId}::bigint, i.id, l."externalId", l."createdAt", l."createdAt", l.status, l."baseInternal", l."baseExternal", '1',
			l."externalStamp", 1, 1, nullif(l.problem, 'null'::jsonb), case when l.status = 'quarantined' then 5 else 0 end,
			case when l.status = 'in-sync' then greatest(l."createdAt", l."externalStamp"::timestamptz) end
		from jsonb_to_recordset(${rowsOf(story.links)}) as l(value text, "externalId" text, "createdAt" timestamptz, status text,
			"baseInternal" jsonb, "baseExternal" jsonb, "externalStamp" text, problem jsonb)
		join ${sql.identifier(entity.recordTable)} i on i.value = l.value order by i.id`);
	for (const { field, column } of referencesOf(entity)) {
		await tx.execute(sql`
			update ${map} m set base_internal = m.base_internal || jsonb_build_object(${field}::text, i.${sql.identifier(column)}::text)
			from ${sql.identifier(entity.recordTable)} i where i.id = m.${internal} and m.c_channel_id = ${channelId}::bigint
				and i.${sql.identifier(column)} is not null`);
	}
	const conflicts = story.links.flatMap(({ value, externalId, conflict, baseInternal }) => {
		if (conflict === null) return [];
		const theirs = story.external.find(({ id }) => id === externalId)?.fields[conflict] ?? null;
		return [{ value, field: conflict, base: baseInternal[conflict] ?? null, theirs }];
	});
	await tx.execute(sql`
		insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, field, base, internal, external, internal_rev, state, rule)
		select ${channelId}::bigint, ${entity.name}, m.id, i.id, m.${sql.identifier(externalColumn)}, c.field, c.base,
			to_jsonb(to_jsonb(i) ->> c.field), c.theirs, '1', 'open', 'ask: no-stamp'
		from jsonb_to_recordset(${rowsOf(conflicts)}) as c(value text, field text, base jsonb, theirs jsonb)
		join ${sql.identifier(entity.recordTable)} i on i.value = c.value
		join ${map} m on m.${internal} = i.id and m.c_channel_id = ${channelId}::bigint`);
}

/** What matching finds among the records that are free: the engine comes to the same. */
async function insertSuggestions(
	tx: Transaction,
	channelId: string,
	entity: Entity,
	story: ChannelStory
): Promise<void> {
	const { table, internalColumn } = entity.mapNames;
	const free = await tx.execute<{ id: string }>(sql`
		select i.id::text as id from ${sql.identifier(entity.recordTable)} i
		where not exists (select 1 from ${sql.identifier(table)} m where m.c_channel_id = ${channelId}::bigint and m.${sql.identifier(internalColumn)} = i.id)
			and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${channelId}::bigint and x.entity = ${entity.name} and x.internal_id = i.id)`);
	const records = await entity.store.read(
		tx,
		free.map(({ id }) => id)
	);
	const linked = new Set(story.links.map(({ externalId }) => externalId));
	const suggestions = matchRecords({
		matchKeys: entity.matchKeys,
		internal: records.map(({ id, fields }) => ({ internalId: id, fields })),
		external: story.external
			.filter(({ id }) => !linked.has(id))
			.map(({ id, fields }) => ({ externalId: id, variantId: '', fields })),
		excluded: []
	});
	await tx.execute(sql`
		insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, external_variant_id, score, evidence, ambiguous, best)
		select ${channelId}::bigint, ${entity.name}, s."internalId", s."externalId", s."variantId", s.score, s.evidence, s.ambiguous, s.best
		from jsonb_to_recordset(${rowsOf(suggestions)}) as s("internalId" bigint, "externalId" text, "variantId" text, score int, evidence jsonb, ambiguous boolean, best boolean)`);
}
