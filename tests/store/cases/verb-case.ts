import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { PeopleStore } from '#src/store/people.ts';
import type { Store } from '#src/store/store.ts';

export type Stores = { db: Db; store: Store; people: PeopleStore };

/** One call of one verb on the fixture. */
export type VerbCase = {
	/** Verb and what is special about the call, unique. */
	name: string;
	verb: string;
	run(stores: Stores): Promise<unknown>;
};

/** Who acts in every case of a person's verb. */
export const ann = { actor: { name: 'ann@example.org' }, via: 'web' as const };

/** A call of one of the engine's verbs. */
export function engineCase<Verb extends keyof Store>(
	verb: Verb,
	what: string,
	input: Parameters<Store[Verb]>[0]
): VerbCase {
	const run = ({ store }: Stores) => (store[verb] as (input: unknown) => Promise<unknown>)(input);
	return { name: `${verb}: ${what}`, verb, run };
}

type WithoutPerson<Input> = Input extends unknown ? Omit<Input, 'actor' | 'via'> : never;

/** A call of one of a person's verbs. */
export function personCase<Verb extends keyof PeopleStore>(
	verb: Verb,
	what: string,
	input: WithoutPerson<Parameters<PeopleStore[Verb]>[0]>
): VerbCase {
	const run = ({ people }: Stores) => (people[verb] as (input: unknown) => Promise<unknown>)({ ...ann, ...input });
	return { name: `${verb}: ${what}`, verb, run };
}

/** What any program may do to our records: plain SQL. */
export function plainCase(what: string, statement: SQL): VerbCase {
	const run = async ({ db }: Stores) => [...(await db.transaction((tx) => tx.execute(statement)))];
	return { name: `plain SQL: ${what}`, verb: 'plain SQL', run };
}

export const plainCases: readonly VerbCase[] = [
	plainCase('a price is changed', sql`update m_product set price = 77 where id = 1`),
	plainCase('a dirty record is changed', sql`update m_product set name = 'Renamed' where id = 11`),
	plainCase('a linked record is deleted', sql`delete from m_product where id = 11 returning id`),
	plainCase(
		'a free record is deleted',
		sql`with gone as (delete from m_product where id in (5, 8) returning id) select id from gone order by id`
	),
	plainCase('a record with a create under way is deleted', sql`delete from m_product where id = 6 returning id`),
	plainCase('a record is added', sql`insert into m_product (value, name) values ('P20', 'Plain') returning id`)
];
