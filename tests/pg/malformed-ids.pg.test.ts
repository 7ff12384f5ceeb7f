import { afterAll, expect, test } from 'vitest';
import { listLinks } from '#src/mappings/list-links.ts';
import { listRecords } from '#src/mappings/list-records.ts';
import { readLink } from '#src/mappings/read-link.ts';
import { readRecord } from '#src/mappings/read-record.ts';
import { recordLinks } from '#src/mappings/record-links.ts';
import { testDatabase } from './database.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

test('unknown entities, channels and malformed ids name nothing', async () => {
	expect((await listRecords(db, { entity: 'planet' })).rows).toEqual([]);
	expect((await listLinks(db, { channelId: '1 or 1=1', entity: 'product' })).rows).toEqual([]);
	expect(await readRecord(db, { entity: 'product', id: '99999999999999999999' })).toBeNull();
	expect(await readLink(db, { entity: 'product', id: 'x' })).toBeNull();
	expect(await recordLinks(db, { entity: 'planet', id: '1' })).toEqual([]);
});
