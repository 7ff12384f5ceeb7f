import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { product } from '#src/entities/product/index.ts';
import { confirmMissing } from '#src/store/missing-records.ts';
import { drainOutbox } from '#src/store/drain-outbox.ts';
import { testDatabase, type TestDatabase } from './database.ts';
import { aChannel, anExternal, aProduct, aSuggestion, linking } from './people.ts';

let database: TestDatabase;
let channelId: string;
let waitingFor: ReturnType<typeof linking>['waitingFor'];

beforeAll(async () => {
	database = await testDatabase();
	channelId = await aChannel(database.db);
	({ waitingFor } = linking(database.db, () => channelId));
});
afterAll(() => database.close());

async function suggested(code: string) {
	const internalId = await aProduct(database.db, code);
	const externalId = await anExternal(database.db, channelId, `x-${code}`, code);
	await aSuggestion(database.db, channelId, internalId, externalId);
	await drainOutbox(database.db, { entity: product, limit: 100 });
	await database.db.execute(sql`delete from sync_candidate`);
	return { internalId, externalId };
}

it('a record of ours is considered anew when the only one it was suggested for is gone at the channel', async () => {
	const { internalId, externalId } = await suggested('G-1');
	const gone = [{ id: externalId, variantId: '' }];
	await confirmMissing(database.db, { channelId, entity: product, gone, present: [] });
	expect(await waitingFor(internalId)).toEqual(['internal']);
});

it("a record of the channel's is considered anew when the only one it was suggested for is deleted here", async () => {
	const { internalId, externalId } = await suggested('G-2');
	await database.db.execute(sql`delete from m_product where id = ${internalId}::bigint`);
	await drainOutbox(database.db, { entity: product, limit: 100 });
	expect(await waitingFor(externalId)).toEqual(['external']);
});
