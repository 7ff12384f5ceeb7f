import { DatabaseSync } from 'node:sqlite';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import type { Db } from '#src/db/client.ts';
import type { Value } from '#src/sync/fields.ts';
import type { Change } from './lost-edits.ts';

/**
 * What both databases themselves say about every change of a watched column, by triggers of ours: whatever a call
 * answered, a change is in here exactly when it was committed, in the order in which the changes of one record were made.
 */
export type History = {
	changes(): Promise<Change[]>;
	close(): Promise<void>;
};

type Row = {
	record: number | string;
	field: string;
	before: Value;
	after: Value;
	created: number;
	by_engine: number;
	at: string;
};

/** Columns of Tryton that hold our fields: table, column, column of the template's id. */
const columns = [
	['product_template', 'name', 'id', 'name'],
	['product_product', 'description', 'template', 'description'],
	['product_product', 'suffix_code', 'template', 'value'],
	['product_list_price', 'list_price', 'template', 'price']
] as const;
const table = 'racing_history';
const select = `select record, field, before, after, created, by_engine, at from ${table} order by id`;

function changeOf(side: Change['side'], { record, field, before, after, created, by_engine, at }: Row): Change {
	return {
		side,
		record: String(record),
		field,
		before,
		after,
		created: Number(created) === 1,
		by: Number(by_engine) === 1 ? 'engine' : 'person',
		at: String(at)
	};
}

/** Of a Tryton database in an SQLite file; `engineUser` is the id of the channel's user. To be called before Tryton opens it. */
export function watchSqlite(file: string, engineUser: number): History {
	const database = new DatabaseSync(file, { timeout: 10_000 });
	database.exec(`create table ${table} (id integer primary key autoincrement, record, field, before, after, created, by_engine,
			at default (strftime('%H:%M:%f', 'now')))`);
	for (const [from, column, template, field] of columns) {
		const values = (before: string, created: number) =>
			`insert into ${table} (record, field, before, after, created, by_engine) values (new.${template}, '${field}', ${before},
				cast(new.${column} as text), ${created}, coalesce(new.write_uid, new.create_uid) = ${engineUser});`;
		database.exec(`create trigger racing_insert_${field} after insert on ${from} begin ${values('null', 1)} end`);
		database.exec(`create trigger racing_update_${field} after update on ${from} when old.${column} is not new.${column}
			begin ${values(`cast(old.${column} as text)`, 0)} end`);
	}
	return {
		changes: async () => (database.prepare(select).all() as Row[]).map((row) => changeOf('external', row)),
		close: async () => database.close()
	};
}

/** Of a Tryton database on PostgreSQL. */
export async function watchPostgres(url: string, engineUser: number): Promise<History> {
	const client = postgres(url, { max: 1, onnotice: () => undefined, connection: { application_name: 'history' } });
	await client.unsafe(historyTable);
	for (const [from, column, template, field] of columns) {
		await client.unsafe(`
			create function racing_${field}() returns trigger language plpgsql as $$
			declare before text;
			begin
				if tg_op = 'UPDATE' then
					if old.${column} is not distinct from new.${column} then return new; end if;
					before := old.${column}::text;
				end if;
				insert into ${table} (record, field, before, after, created, by_engine) values (new.${template}, '${field}', before,
					new.${column}::text, (tg_op = 'INSERT')::int, (coalesce(new.write_uid, new.create_uid) = ${engineUser})::int);
				return new;
			end $$;
			create trigger racing_${field} after insert or update on ${from} for each row execute function racing_${field}()`);
	}
	return {
		changes: async () => (await client.unsafe<Row[]>(select)).map((row) => changeOf('external', row)),
		close: () => client.end()
	};
}

const historyTable = `create table ${table}
	(id bigserial primary key, record bigint, field text, before text, after text, created int, by_engine int,
	at text default to_char(clock_timestamp() at time zone 'UTC', 'HH24:MI:SS.MS'))`;

/** Of our products. The engine's connections say who they are. */
export async function watchProducts(db: Db): Promise<History> {
	await db.execute(sql.raw(historyTable));
	await db.execute(
		sql.raw(`
		create function racing_product() returns trigger language plpgsql as $$
		declare engine int := (current_setting('application_name') like 'channel-mapping engine%')::int;
		begin
			insert into ${table} (record, field, before, after, created, by_engine)
			select new.id, now.key, was.value, now.value, (tg_op = 'INSERT')::int, engine
			from jsonb_each_text(to_jsonb(new)) as now
			left join jsonb_each_text(case when tg_op = 'UPDATE' then to_jsonb(old) end) as was on was.key = now.key
			where now.key in ('name', 'description', 'value', 'price') and was.value is distinct from now.value;
			return new;
		end $$`)
	);
	await db.execute(
		sql.raw(
			'create trigger racing_product after insert or update on m_product for each row execute function racing_product()'
		)
	);
	return {
		async changes() {
			return (await db.execute<Row & Record<string, unknown>>(sql.raw(select))).map((row) => changeOf('internal', row));
		},
		close: () => Promise.resolve()
	};
}
