import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

describe.each(['strict', 'none'] as const)('a write that nobody could read back, precondition %s', (precondition) => {
	it('is confirmed by the next run that is shown what was sent: an edit there after that is an edit, not a conflict', async () => {
		const erp = await world.addChannel(`erp-${precondition}`, {}, { precondition });
		const fields = { value: `TENT-${precondition}`, name: 'Tent', price: '20', is_active: true };
		const internalId = await erp.addInternal(fields);
		const externalId = erp.memory.add('product', fields);
		const linkId = await erp.link(internalId, externalId);
		await erp.run();
		erp.memory.afterNextWrite(() => erp.memory.failNext('read', { kind: 'fails', as: 'unreachable' }));
		await erp.editInternal(internalId, { name: 'Ours' });
		await erp.run();
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync', unconfirmed: ['name'] });
		const written = erp.memory.writes().length;
		await erp.run();
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync', unconfirmed: [] });

		erp.memory.edit('product', externalId, { name: 'Theirs' });
		await erp.run();
		expect(await erp.internal(internalId)).toMatchObject({ name: 'Theirs' });
		expect(await erp.conflicts()).toEqual([]);
		expect(erp.memory.writes()).toHaveLength(written);
	});
});
