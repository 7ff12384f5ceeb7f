import { sql } from 'drizzle-orm';
import { connect, type Db } from '#src/db/client.ts';
import { seal } from '#src/db/seal.ts';
import type { Fields } from '#src/sync/fields.ts';
import { insertChannel } from '../../scenarios/world.ts';
import { connect as logIn, type TrytonClient } from '../client.ts';
import type { TrytonDatabase } from '../server.ts';
import { addProduct } from '../world.ts';
import { secretKey } from './engine-process.ts';
import type { Pair } from './lost-edits.ts';

/** A Tryton that can be killed, with what its database tells of itself. */
export type RacedTryton = TrytonDatabase & {
	backend: 'sqlite' | 'postgresql';
	kill(): Promise<void>;
	restart(): Promise<void>;
};

export const syncUser = { login: 'sync', password: 'racing-Abgleich-42' };

/** A user of its own for the engine, with every right of the administrator; the administrator's sessions are the people's. */
export async function addSyncUser({ client }: TrytonDatabase): Promise<number> {
	const groups = await client.call<number[]>('res.group.search', [], 0, null, null);
	const company = await client.one('company.company', [], ['id']);
	return client.create('res.user', {
		name: 'Sync',
		...syncUser,
		groups: [['add', groups]],
		companies: [['add', [company['id']]]],
		company: company['id']
	});
}

/** Conflicts of every kind: by the newest, by a side, and by a person. */
const policy = {
	conflict: 'newest-wins',
	fields: { description: { conflict: 'ask' }, price: { conflict: 'external-wins' } },
	ceilings: {
		creates: { count: 1_000_000, share: 1 },
		deactivations: { count: 1_000_000, share: 1 },
		updates: { count: 1_000_000, share: 1 }
	}
} as const;

/** A live channel to Tryton through `url`, with `records` linked products that agree. */
export async function insertRecords(db: Db, at: { tryton: RacedTryton; url: string; records: number }) {
	const { tryton } = at;
	const settings = { url: at.url, database: tryton.database, user: syncUser.login, backend: tryton.backend };
	const channelId = await insertChannel(db, 'Tryton', 'tryton', settings, {
		policy,
		autoCreateExternal: true,
		autoCreateInternal: true
	});
	await db.execute(sql`
		update c_channel set credentials = ${JSON.stringify({ password: seal(secretKey, syncUser.password, channelId, 'password') })}::text::jsonb
		where id = ${channelId}::bigint`);
	await db.execute(sql`delete from c_channel_entity where entity <> 'product'`);
	await db.execute(sql`update c_channel_entity set schedule = '{"everySeconds":1}'::jsonb`);
	const made: Fields[] = [];
	for (let number = 1; number <= at.records; number += 1) {
		const fields = { value: `START-${number}`, name: `Start ${number}`, price: `${number}.5`, description: null };
		const external = await addProduct(tryton.client, fields);
		const [row] = await db.execute<{ id: string }>(sql`
			insert into m_product (value, name, price) values (${fields.value}, ${fields.name}, ${fields.price}) returning id::text as id`);
		await db.execute(sql`
			insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id, external_variant_id)
			values (${channelId}::bigint, ${row?.id ?? ''}::bigint, ${external.id}, ${external.variantId})`);
		made.push(fields);
	}
	return { channelId, made };
}

export async function ourProducts(db: Db): Promise<Map<string, Fields>> {
	const rows = await db.execute<{ id: string } & Record<string, string | null>>(
		sql`select id::text as id, name, description, value, price::text as price from m_product order by id`
	);
	return new Map(rows.map(({ id, ...fields }) => [id, fields]));
}

/** Every template with its one variant, by our names, read by another session than the engine's. */
export async function theirProducts(client: TrytonClient): Promise<Map<string, Fields>> {
	const columns = ['code', 'description', 'template', 'template.name', 'template.list_price'];
	const rows = await client.all('product.product', columns);
	return new Map(
		rows.map((row) => {
			const template = row['template.'] as Record<string, string | null>;
			return [
				String(row['template']),
				{
					value: row['code'] as string | null,
					name: template['name'] ?? null,
					description: row['description'] as string | null,
					price: template['list_price'] ?? null
				}
			];
		})
	);
}

export async function linkedPairs(db: Db): Promise<Pair[]> {
	return [
		...(await db.execute<Pair>(
			sql`select m_product_id::text as "internalId", external_product_id as "externalId" from c_channel_map_product order by id`
		))
	];
}

/** Values that the journal keeps as losers, and those of conflicts that a rule or a person decided. */
export async function journaledLosers(db: Db) {
	return [
		...(await db.execute<{ field: string; value: string | null }>(sql`
			select change ->> 'field' as field, change ->> 'lost' as value
			from sync_decision d cross join jsonb_array_elements(d.changes) as change where change ? 'lost'
			union
			select field, case when winner = 'internal' then external #>> '{}' else internal #>> '{}' end
			from sync_conflict where state in ('settled', 'resolved')`))
	];
}

/** A new session at Tryton and a connection of its own to our database, as people use them. */
export async function openPeople(tryton: TrytonDatabase, databaseUrl: string) {
	const client = await logIn(tryton);
	const { db, close } = connect(databaseUrl, { max: 4, applicationName: 'people' });
	return { client, db, close };
}
