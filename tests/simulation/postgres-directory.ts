import { getTableColumns, sql, type Table } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { channel, channelEntity } from '#src/db/schema/channel.ts';
import { conflict, decision, linkHistory } from '#src/db/schema/decisions.ts';
import { channelRecord, suggestion } from '#src/db/schema/matching.ts';
import { hold, run } from '#src/db/schema/runs.ts';
import { intent } from '#src/db/schema/sync.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { NewChannel } from '#src/store/memory/create-memory-store.ts';
import { createPeopleStore } from '#src/store/people.ts';
import { createStore } from '#src/store/store.ts';
import { defaultSchedule } from '#src/sync/policy.ts';
import { plainSql } from '../store/equality/step.ts';
import type { VirtualClockDatabase } from '../store/virtual-clock-database.ts';
import type { Directory, LinkRow, Rows } from './directory.ts';

const tableOf = {
	conflicts: conflict,
	decisions: decision,
	history: linkHistory,
	holds: hold,
	intents: intent,
	runs: run,
	suggestions: suggestion,
	seen: channelRecord
} satisfies Record<keyof Rows, PgTable>;

const everyRecord = 1_000_000;

/**
 * The directory on a real PostgreSQL, which is emptied for it: the verbs that the product runs, in a database that lives by
 * the simulation's clock. One connection, so that each call sees the time at which it was made. `nowMicros`: that clock.
 */
export async function postgresDirectory(database: VirtualClockDatabase, nowMicros: () => bigint): Promise<Directory> {
	const { db } = database;
	await database.reset();
	const tick = () => database.setNowMicros(nowMicros());
	const plain = plainSql(db);

	/** Every verb sets the clock before its first statement. */
	function onTime<Verbs extends object>(verbs: Verbs): Verbs {
		const timed = Object.entries(verbs).map(([name, verb]) => [
			name,
			async (input: never) => {
				await tick();
				return (verb as (input: never) => Promise<unknown>)(input);
			}
		]);
		return Object.fromEntries(timed) as Verbs;
	}

	async function addChannel(input: NewChannel): Promise<string> {
		const { entities, name, connector, settings, credentials = {} } = input;
		await tick();
		const [row] = await db
			.insert(channel)
			.values({ name, connector, settings, credentials })
			.returning({ id: channel.id });
		if (!row) throw new Error('no channel was inserted');
		for (const each of entities)
			await db.insert(channelEntity).values({ ...each, channelId: row.id, schedule: defaultSchedule });
		return row.id;
	}

	return {
		store: onTime(createStore(db)),
		people: onTime(createPeopleStore(db)),
		addChannel,
		async insert(entity, fields) {
			await tick();
			return (await plain({ port: 'plain', verb: 'insert', entity, fields })) as string;
		},
		async update(entity, id, fields) {
			await tick();
			await plain({ port: 'plain', verb: 'update', entity, id, fields });
		},
		async remove(entity, id) {
			await tick();
			await plain({ port: 'plain', verb: 'delete', entity, id });
		},
		read: async (entity, id) => (await known(entity).store.read(db, [id]))[0] ?? null,
		all: (entity) => known(entity).store.scan(db, '0', everyRecord),
		links: async (entity) => (await inKeyOrder(db, known(entity).map)) as LinkRow[],
		rows: async (name) => (await inKeyOrder(db, tableOf[name])) as never
	};
}

function known(name: string): Entity {
	const entity = entityNamed(name);
	if (!entity) throw new Error(`there is no entity ${name}`);
	return entity;
}

/** All rows, in id order where there is an id; times with all their digits, as the memory store has them. */
async function inKeyOrder(db: VirtualClockDatabase['db'], table: PgTable): Promise<Record<string, unknown>[]> {
	const columns = Object.entries(getTableColumns(table as Table) as Record<string, PgColumn>);
	// Without drizzle's decoder of jsonb, which takes a text that looks like a number for one.
	const shown = columns.map(([name, column]) => [name, column.getSQLType() === 'jsonb' ? sql`${column}` : column]);
	const times = columns.flatMap(([name, column]) => (column.getSQLType() === 'timestamptz' ? [name] : []));
	const id = columns.find(([name]) => name === 'id')?.[1];
	const all = db.select(Object.fromEntries(shown) as Record<string, PgColumn>).from(table);
	const rows: Record<string, unknown>[] = await (id ? all.orderBy(id) : all);
	for (const row of rows) for (const name of times) if (row[name] !== null) row[name] = withMicros(String(row[name]));
	return rows;
}

function withMicros(text: string): string {
	const [seconds = '', fraction = ''] = text.slice(0, -1).split('.');
	return `${seconds}.${fraction.padEnd(6, '0')}Z`;
}
