import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { product as entity } from '#src/entities/product/index.ts';
import { saveChannelEntity } from '#src/store/save-channel-entity.ts';
import type { ScopeCondition, SideScopes } from '#src/sync/scope.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

const creating = { autoCreateExternal: true, autoCreateInternal: true };
const product = (value: string, more: object = {}) => ({ name: 'Stove', price: '50', currency: 'EUR', value, ...more });
const startsWith = (value: string): ScopeCondition => ({
	field: 'value',
	type: 'text',
	operator: 'starts-with',
	value
});
const dear: ScopeCondition = { field: 'price', type: 'decimal', operator: 'greater', value: '10' };
const both = (value: string): SideScopes => ({ internal: [startsWith(value)], external: [startsWith(value)] });

async function setScope(channelId: string, scope: SideScopes | undefined) {
	const [row] = await database.db.execute<{ rev: number }>(
		sql`select settings_rev as rev from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = 'product'`
	);
	const person = { actor: { name: 'ann@example.org' }, via: 'web' as const };
	const settingsRev = row?.rev ?? 0;
	const input = { ...person, channelId, entity: 'product', settingsRev, policy: { scope } };
	expect(await saveChannelEntity(database.db, input)).toMatchObject({ ok: true });
}

const ourCodes = async () =>
	(await database.db.execute<{ value: string }>(sql`select value from m_product order by value`)).map(
		({ value }) => value
	);

it('what is out of scope is neither suggested nor created, on either side', async () => {
	const erp = await world.addChannel('out', { ...creating, policy: { scope: both('IN-') } });
	await erp.addInternal(product('IN-1'));
	await erp.addInternal(product('OUT-1'));
	await erp.addInternal(product('OUT-2'));
	erp.memory.add('product', product('IN-7'));
	erp.memory.add('product', product('OUT-1'));
	erp.memory.add('product', product('OUT-8'));
	await erp.run();
	await erp.run('full');
	expect(await erp.suggestions()).toEqual([]);
	const created = erp.memory.writes().filter(({ method }) => method === 'create');
	expect(created.map(({ fields }) => fields['value'])).toEqual(['IN-1']);
	expect(await ourCodes()).toEqual(['IN-1', 'IN-7', 'OUT-1', 'OUT-2']);
	expect(await erp.links()).toHaveLength(2);
});

it('nothing is created beside a record like it that is out of scope: it would be a duplicate', async () => {
	const erp = await world.addChannel('beside', { ...creating, policy: { scope: both('BE-') } }, { unique: null });
	await erp.run();
	const ours = await erp.addInternal(product('BE-1'));
	await erp.addInternal(product('be-2'));
	erp.memory.add('product', product('be-1'));
	const theirs = erp.memory.add('product', product('BE-2'));
	const run = await erp.run();
	expect(run.counts).toMatchObject({ skipped: 2 });
	expect(await erp.items(run.runId)).toMatchObject([
		{ action: 'create-external', outcome: 'skipped', problem: { kind: 'out-of-scope' } },
		{ action: 'create-internal', outcome: 'skipped', problem: { kind: 'out-of-scope' } }
	]);
	expect(erp.memory.writes()).toEqual([]);
	expect(await erp.suggestions()).toEqual([]);
	await setScope(erp.channelId, undefined);
	await erp.run();
	expect((await erp.suggestions()).map((pair) => [pair.internalId, pair.externalId])).toEqual(
		expect.arrayContaining([
			[ours, expect.anything()],
			[expect.anything(), theirs]
		])
	);
});

it('a record that moves into scope becomes a candidate by itself; one that moves out loses its suggestion', async () => {
	const erp = await world.addChannel('moves', { policy: { scope: { internal: [dear], external: [dear] } } });
	const ours = await erp.addInternal(product('MOV-1', { price: '5' }));
	const theirs = erp.memory.add('product', product('MOV-1'));
	await erp.run();
	expect(await erp.suggestions()).toEqual([]);
	await erp.editInternal(ours, { price: '11' });
	await erp.run();
	expect(await erp.suggestions()).toMatchObject([{ internalId: ours, externalId: theirs }]);
	erp.memory.edit('product', theirs, { price: '10.00' });
	await erp.run();
	expect(await erp.suggestions()).toEqual([]);
});

it('another scope drops what was suggested at once; the next run finds what takes part now', async () => {
	const erp = await world.addChannel('changed', { policy: { scope: both('CH-') } });
	const one = await erp.addInternal(product('CH-1'));
	erp.memory.add('product', product('CH-1'));
	const other = await erp.addInternal(product('XH-1'));
	erp.memory.add('product', product('XH-1'));
	await erp.run();
	expect(await erp.suggestions()).toMatchObject([{ internalId: one }]);
	await setScope(erp.channelId, both('XH-'));
	expect(await erp.suggestions()).toEqual([]);
	await erp.run();
	expect(await erp.suggestions()).toMatchObject([{ internalId: other }]);
	await setScope(erp.channelId, undefined);
	await erp.run();
	expect((await erp.suggestions()).map(({ internalId }) => internalId).toSorted()).toEqual([one, other].toSorted());
});

it('a link stays and is synced whatever the scope says', async () => {
	const erp = await world.addChannel('linked', { ...creating, policy: { scope: both('NOTHING-') } });
	const ours = await erp.addInternal(product('LNK-1'));
	const theirs = erp.memory.add('product', product('LNK-1'));
	await erp.link(ours, theirs);
	await erp.run();
	await erp.editInternal(ours, { name: 'Ours' });
	await erp.run();
	erp.memory.edit('product', theirs, { price: '77' });
	await erp.run();
	expect(erp.memory.record('product', theirs)?.fields['name']).toBe('Ours');
	expect((await erp.internal(ours))?.['price']).toBe('77.000000');
});

it('a create that was decided on by the old scope and never left is dropped with the scope', async () => {
	const erp = await world.addChannel('unsent', {
		autoCreateExternal: true,
		policy: { scope: { internal: [startsWith('UNS-')] } }
	});
	const { runId } = await erp.run();
	const ours = await erp.addInternal(product('UNS-1'));
	const record = { internalId: ours, rev: '1', fields: product('UNS-1'), reference: 'cm-w0rld-product-unsent' };
	const open = () => world.store.openIntents({ channelId: erp.channelId, entity, runId, limit: 9, records: [record] });
	expect(await open()).toEqual({ opened: 1, held: 0 });
	await setScope(erp.channelId, { internal: [startsWith('OTHER-')] });
	await erp.run();
	expect(erp.memory.writes()).toEqual([]);
	expect(await open()).toEqual({ opened: 0, held: 0 });
});
