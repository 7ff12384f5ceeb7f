import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import postgres from 'postgres';
import { migrate } from '#src/db/migrate.ts';
import { startThrowaway } from './throwaway-server.ts';

declare module 'vitest' {
	interface ProvidedContext {
		/** A migrated database that test files copy; its name is the prefix of theirs. */
		templateUrl: string;
	}
}

/**
 * One PostgreSQL for all test files of a vitest run: an embedded one that forgets everything, or the server that
 * TEST_DATABASE_URL (of a superuser) names.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const server = process.env['TEST_DATABASE_URL']
		? { url: process.env['TEST_DATABASE_URL'], stop: () => Promise.resolve() }
		: await startThrowaway();
	const prefix = `cm_test_${randomBytes(4).toString('hex')}`;
	const template = new URL(server.url);
	template.pathname = `/${prefix}`;
	try {
		await migrate(template.href);
	} catch (error) {
		await server.stop();
		throw error;
	}
	project.provide('templateUrl', template.href);
	return async () => {
		const forgotten = await dropDatabases(server.url, prefix);
		await server.stop();
		if (forgotten.length > 0) throw new Error(`test databases that nobody closed: ${forgotten.join(', ')}`);
	};
}

/** Drops the template and what was made from it; returns the names of the latter. */
async function dropDatabases(url: string, prefix: string): Promise<string[]> {
	const sql = postgres(url, { max: 1, onnotice: () => undefined });
	try {
		const rows = await sql<{ datname: string }[]>`
			select datname from pg_database where starts_with(datname, ${prefix}) order by datname`;
		for (const { datname } of rows) await sql`drop database ${sql(datname)} with (force)`;
		return rows.map((row) => row.datname).filter((name) => name !== prefix);
	} finally {
		await sql.end();
	}
}
