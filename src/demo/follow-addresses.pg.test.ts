import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../tests/pg/database.ts';
import { erpSettings, shopSettings } from './channels.ts';
import { followAddresses } from './follow-addresses.ts';

const { db, close } = await testDatabase();
afterAll(close);

const addresses = async () =>
	Object.fromEntries(
		(
			await db.execute<{ name: string; url: string }>(sql`select name, settings ->> 'baseUrl' as url from c_channel`)
		).map(({ name, url }) => [name, url])
	);

test('channels follow the demo systems to other ports, also where these change places', async () => {
	const [one, two, other] = ['http://127.0.0.1:3002', 'http://127.0.0.1:3004', 'http://shop.example'] as const;
	for (const [name, settings] of [
		['ERP', erpSettings(one)],
		['Shop', shopSettings(two)],
		['ERP two', erpSettings(one)],
		['elsewhere', shopSettings(other)]
	] as const)
		await db.execute(sql`
			insert into c_channel (name, connector, settings) values (${name}, 'rest', ${JSON.stringify(settings)}::text::jsonb)`);
	expect(await followAddresses(db, { ERP: one, Shop: two })).toBe(0);
	expect(await followAddresses(db, { ERP: two, Shop: one })).toBe(3);
	expect(await addresses()).toEqual({ ERP: two, 'ERP two': two, Shop: one, elsewhere: other });
	expect(await followAddresses(db, { ERP: two, Shop: 'http://127.0.0.1:3009' })).toBe(1);
	expect(await addresses()).toMatchObject({ ERP: two, Shop: 'http://127.0.0.1:3009' });
	await db.execute(
		sql`update c_channel set settings = jsonb_set(settings, '{baseUrl}', to_jsonb(${other}::text)) where name = 'ERP'`
	);
	expect(await followAddresses(db, { ERP: one, Shop: 'http://127.0.0.1:3009' })).toBe(0);
});
