import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimInstallation } from '#src/store/installation.ts';
import { rearmInstallation } from '#src/store/rearm-installation.ts';
import { testDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
const claim = (origin: string, newKey = 'abcd1234') => claimInstallation(database.db, { origin, newKey });

beforeAll(async () => {
	database = await testDatabase();
});
beforeEach(async () => {
	await database.db.execute(sql`delete from sync_installation`);
	await database.db.execute(sql`delete from audit_event`);
	await database.db.execute(sql`delete from c_channel`);
	await database.db.execute(sql`
		insert into c_channel (name, connector, paused_at, paused_reason) values ('ERP', 'rest', null, null), ('Shop', 'rest', now(), 'person')`);
});
afterAll(() => database.close());

const reasons = async () =>
	(
		await database.db.execute<{ reason: string | null }>(
			sql`select paused_reason as reason from c_channel order by name`
		)
	).map(({ reason }) => reason);

describe('the installation', () => {
	it('is recorded once and keeps its key', async () => {
		expect(await claim('https://a.example')).toMatchObject({ kind: 'first', key: 'abcd1234' });
		expect(await claim('https://a.example', 'other567')).toMatchObject({ kind: 'same', key: 'abcd1234' });
		expect(await reasons()).toEqual([null, 'person']);
	});

	it.each([
		['another server', sql`system_identifier = '42'`],
		['another database', sql`database_name = 'production'`],
		['another origin', sql`origin = 'https://production.example'`]
	])('is a copy under %s: running channels pause, once, until it is re-armed', async (_, changed) => {
		await claim('https://a.example');
		await database.db.execute(sql`update sync_installation set ${changed}`);
		expect(await claim('https://a.example')).toMatchObject({ kind: 'copy', paused: 1, key: 'abcd1234' });
		expect(await reasons()).toEqual(['copy', 'person']);
		expect(await claim('https://a.example')).toMatchObject({ kind: 'copy', paused: 0 });
		const audit = await database.db.execute(sql`select 1 from audit_event where action = 'pause-copy'`);
		expect(audit).toHaveLength(1);

		await rearmInstallation(database.db, { origin: 'https://a.example', actor: { name: 'ann' }, via: 'web' });
		await database.db.execute(sql`update c_channel set paused_at = null, paused_reason = null`);
		expect(await claim('https://a.example')).toMatchObject({ kind: 'same' });
		expect(await reasons()).toEqual([null, null]);
	});

	it('compares the origin only where an administrator chose one', async () => {
		await claim('default');
		expect(await claim('https://a.example')).toMatchObject({ kind: 'same' });
		expect(await claim('default')).toMatchObject({ kind: 'same' });
		expect(await claim('https://b.example')).toMatchObject({
			kind: 'copy',
			differences: ['ORIGIN https://b.example instead of https://a.example']
		});
	});

	it('is the same where we may not read the server number', async () => {
		await database.db.execute(
			sql`insert into sync_installation (id, key, system_identifier, database_name, origin) values (1, 'k', '', current_database(), 'default')`
		);
		expect(await claim('default')).toMatchObject({ kind: 'same', key: 'k' });
	});
});
