import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../tests/pg/database.ts';
import { matchCode } from './match-code.ts';

const database = await testDatabase();
afterAll(database.close);

test('SQL and TypeScript read every character of the first two planes alike', async () => {
	const rows = await database.db.execute<{ point: number; code: string | null }>(sql`
		select point, match_code('x' || chr(point) || 'Y') as code
		from generate_series(1, 131071) as point where point not between 55296 and 57343`);
	expect(rows.length).toBe(129_023);
	const differing = rows.filter(({ point, code }) => matchCode(`x${String.fromCodePoint(point)}Y`) !== code);
	expect(differing).toEqual([]);
});

test('SQL and TypeScript agree where nothing is left', async () => {
	const [row] = await database.db.execute<{ code: string | null }>(sql`select match_code(' -./ ') as code`);
	expect(row?.code).toBe(matchCode(' -./ '));
});
