import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { inject } from 'vitest';
import { connect, type Db } from '#src/db/client.ts';

export type TestDatabase = {
	url: string;
	db: Db;
	/** Drops the database. Call it in `afterAll`; it fails if the test left connections of its own open. */
	close(): Promise<void>;
};

const closingTimeMs = 3000;
const pollMs = 25;

/**
 * An empty, migrated database for one test file:
 *
 *     const database = await testDatabase();
 *     afterAll(database.close);
 */
export async function testDatabase(): Promise<TestDatabase> {
	const template = new URL(inject('templateUrl'));
	const templateName = template.pathname.slice(1);
	const name = `${templateName}_${randomBytes(4).toString('hex')}`;
	await maintain(template, async (sql) => {
		await sql`create database ${sql(name)} template ${sql(templateName)}`;
	});
	const url = new URL(template);
	url.pathname = `/${name}`;
	const connection = connect(url.href, { applicationName: 'test' });
	return {
		url: url.href,
		db: connection.db,
		close: async () => {
			await connection.close();
			const left = await maintain(template, async (sql) => {
				const open = await openConnections(sql, name);
				await sql`drop database if exists ${sql(name)} with (force)`;
				return open;
			});
			if (left.length > 0) throw new Error(`connections left open: ${left.join('; ')}`);
		}
	};
}

/** Connections to `name` that do not close by themselves within a moment, each with its name and last statement. */
async function openConnections(sql: postgres.Sql, name: string): Promise<string[]> {
	const deadline = Date.now() + closingTimeMs;
	for (;;) {
		const rows = await sql<{ application: string; query: string }[]>`
			select application_name as application, left(query, 80) as query from pg_stat_activity
			where datname = ${name} and backend_type = 'client backend'`;
		if (rows.length === 0 || Date.now() > deadline) return rows.map((row) => `${row.application} (${row.query})`);
		await sleep(pollMs);
	}
}

/** Works on the server itself: a template must not be connected to while it is copied. */
async function maintain<T>(template: URL, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
	const maintenance = new URL(template);
	maintenance.pathname = '/postgres';
	const sql = postgres(maintenance.href, { max: 1, onnotice: () => undefined });
	try {
		return await work(sql);
	} finally {
		await sql.end();
	}
}
