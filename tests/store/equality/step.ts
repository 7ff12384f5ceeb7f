import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { columnOf } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { MemoryDatabase } from '#src/store/memory/create-memory-store.ts';
import type { PeopleStore } from '#src/store/people.ts';
import { sqlState } from '#src/store/postgres-error.ts';
import type { Store } from '#src/store/store.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { ann } from '../cases/verb-case.ts';

/** One call, complete and as JSON, so that a sequence can be printed and repeated. Entities are named. */
export type Step =
	| { port: 'store'; verb: keyof Store; input: Record<string, unknown> }
	| { port: 'people'; verb: keyof PeopleStore; input: Record<string, unknown> }
	/** What any program does to our records. */
	| { port: 'plain'; verb: 'insert' | 'update' | 'delete'; entity: string; id?: string; fields?: Fields }
	| { port: 'clock'; verb: 'advance'; micros: number };

/** Where steps are executed. */
export type Target = { store: Store; people: PeopleStore; plain(step: Step & { port: 'plain' }): Promise<unknown> };

/** Verbs of the engine whose `entity` is a name, not the entity. */
const namesEntity: readonly string[] = ['loadChannel', 'endSweep', 'queueRun', 'holdAbsences'];

/** What the call returned, or the database's error with the constraint that stood in the way. */
export async function execute(target: Target, step: Exclude<Step, { port: 'clock' }>): Promise<unknown> {
	try {
		if (step.port === 'plain') return await target.plain(step);
		const verbs = target[step.port] as unknown as Record<string, (input: unknown) => Promise<unknown>>;
		const input = step.port === 'store' ? withEntity(step.verb, step.input) : { ...ann, ...step.input };
		return await verbs[step.verb]?.(input);
	} catch (error) {
		return { error: errorText(error) };
	}
}

function withEntity(verb: string, input: Record<string, unknown>): Record<string, unknown> {
	if (namesEntity.includes(verb)) return input;
	const resolved = Object.entries(input).map(([key, value]) => {
		if (key === 'entity') return [key, entityNamed(String(value))];
		return [key, key === 'link' ? withEntity('', value as Record<string, unknown>) : value];
	});
	return Object.fromEntries(resolved) as Record<string, unknown>;
}

function errorText(error: unknown): string {
	const state = sqlState(error);
	if (state === null) return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
	for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
		if ('constraint_name' in cause && cause.constraint_name) return `${state} ${String(cause.constraint_name)}`;
	}
	return state;
}

/** Plain SQL on a database. */
export function plainSql(db: Db): Target['plain'] {
	return async ({ verb, entity: name, id, fields = {} }) => {
		const entity = entityNamed(name);
		if (!entity) throw new Error(`there is no entity ${name}`);
		const table = sql.identifier(entity.recordTable);
		const column = (field: string) => {
			const known = entity.fields.find((each) => each.name === field);
			return sql.identifier(known ? columnOf(known) : field);
		};
		const typed = (field: string, value: Value) => {
			const type = entity.fields.find((each) => each.name === field)?.type;
			if (type === 'reference') return sql`${value}::text::bigint`;
			return type === 'decimal' ? sql`${value}::text::numeric` : sql`${value}`;
		};
		const given = Object.entries(fields);
		if (verb === 'delete') await db.execute(sql`delete from ${table} where id = ${id}::bigint`);
		if (verb === 'update') {
			const sets = given.map(([field, value]) => sql`${column(field)} = ${typed(field, value)}`);
			await db.execute(sql`update ${table} set ${sql.join(sets, sql`, `)} where id = ${id}::bigint`);
		}
		if (verb !== 'insert') return undefined;
		const columns = given.map(([field]) => column(field));
		const values = given.map(([field, value]) => typed(field, value));
		const [row] = await db.execute<{ id: string }>(sql`
			insert into ${table} (${sql.join(columns, sql`, `)}) values (${sql.join(values, sql`, `)}) returning id::text as id`);
		return row?.id;
	};
}

/** The same on a memory store. */
export function plainMemory(memory: MemoryDatabase): Target['plain'] {
	return async ({ verb, entity, id = '', fields = {} }) => {
		const records = memory.records(entity);
		if (verb === 'insert') return records.insert(fields);
		if (verb === 'update') records.update(id, fields);
		else records.remove(id);
		return undefined;
	};
}
