import { is, type SQL } from 'drizzle-orm';
import { PgDialect, PgTransaction, type PreparedQueryConfig } from 'drizzle-orm/pg-core';
import type { Db, Transaction } from './client.ts';

const dialect = new PgDialect();

type Asked<Row> = PreparedQueryConfig & { execute: Row[] };

/**
 * Runs a statement that is asked again and again and is best answered in the same way whatever its values: rows by their key, small
 * tables. A connection parses and plans it once, which takes longer than the rest. Constants that decide how it is answered (a
 * limit, the state of a partial index) must stand in its text. Within a transaction it runs like any other, since there it
 * could not be tried again after its tables had changed.
 */
export async function executePlanned<Row extends object>(db: Db | Transaction, query: SQL): Promise<Row[]> {
	const on: Transaction = db;
	// A name is what makes the driver keep a statement; the driver itself gives it another one.
	const name = is(on, PgTransaction) ? undefined : 'planned';
	const statement = on._.session.prepareQuery<Asked<Row>>(dialect.sqlToQuery(query), undefined, name, false);
	return [...(await statement.execute())];
}
