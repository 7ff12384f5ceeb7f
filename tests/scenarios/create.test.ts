import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveChannelEntity } from '#src/mappings/manage-channel.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { administrator } from '../pg/people.ts';
import { createWorld } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

const stove = { name: 'Stove', price: '50', currency: 'EUR' };
const creating = { autoCreateExternal: true, autoCreateInternal: true };
const product = (value: string) => ({ ...stove, value });

it('suggests by default and creates nothing', async () => {
	const erp = await world.addChannel('suggests');
	const ours = await erp.addInternal(product('SUG-1'));
	const theirs = erp.memory.add('product', product('SUG-1'));
	erp.memory.add('product', product('ONLY-THEIRS'));
	await erp.run();
	expect(await erp.suggestions()).toMatchObject([
		{ internalId: ours, externalId: theirs, score: 100, ambiguous: false }
	]);
	expect(erp.memory.writes()).toEqual([]);
	expect(await erp.links()).toEqual([]);
});

it('creates a record of ours with its link from a new one of the channel, once', async () => {
	const erp = await world.addChannel('imports', creating);
	await erp.run();
	const theirs = erp.memory.add('product', product('IMP-1'));
	await erp.run();
	await erp.run('full');
	expect(await erp.links()).toMatchObject([{ externalId: theirs, status: 'in-sync' }]);
	const rows = await database.db.execute(sql`select 1 from m_product where value = 'IMP-1'`);
	expect(rows).toHaveLength(1);
	expect(erp.memory.writes().filter(({ fields }) => fields['value'] === 'IMP-1')).toEqual([]);
});

it('creates what a run saw while creating was switched on', async () => {
	const erp = await world.addChannel('switched-on');
	await erp.run();
	const theirs = erp.memory.add('product', product('SWITCHED-1'));
	let switchedOn = false;
	erp.memory.options.pause = async (at, { method }) => {
		if (at !== 'after' || method !== 'changes' || switchedOn) return;
		switchedOn = true;
		const settings = { channelId: erp.channelId, entity: 'product', settingsRev: 1 };
		const saved = await saveChannelEntity(database.db, { ...settings, autoCreateInternal: true, ...administrator });
		expect(saved).toMatchObject({ ok: true });
	};
	await erp.run();
	await erp.run();
	expect(await erp.links()).toMatchObject([{ externalId: theirs, status: 'in-sync' }]);
});

it('creates a record at the channel with its link from a new one of ours, and never imports it back', async () => {
	const erp = await world.addChannel('exports', creating);
	await erp.run();
	const ours = await erp.addInternal(product('EXP-1'));
	await erp.run();
	await erp.run('full');
	expect((await erp.links()).filter(({ internalId }) => internalId === ours)).toMatchObject([{ status: 'in-sync' }]);
	expect(erp.memory.records('product').filter(({ fields }) => fields['value'] === 'EXP-1')).toHaveLength(1);
	const rows = await database.db.execute(sql`select 1 from m_product where value = 'EXP-1'`);
	expect(rows).toHaveLength(1);
});

it('finds a create whose reply was lost by its reference', async () => {
	const erp = await world.addChannel('lost-create', { autoCreateExternal: true }, { unique: null });
	await erp.run();
	const ours = await erp.addInternal(product('LOST-1'));
	erp.memory.failNext('create', { kind: 'reply-lost' });
	await erp.run();
	expect((await erp.links()).filter(({ internalId }) => internalId === ours)).toEqual([]);
	await erp.passTime();
	await erp.run();
	expect((await erp.links()).filter(({ internalId }) => internalId === ours)).toHaveLength(1);
	expect(erp.memory.records('product').filter(({ fields }) => fields['value'] === 'LOST-1')).toHaveLength(1);
});

it('makes two records with one reference a problem, not a choice', async () => {
	const erp = await world.addChannel('two-hits', { autoCreateExternal: true }, { unique: null });
	await erp.run();
	const ours = await erp.addInternal(product('TWO-1'));
	erp.memory.failNext('create', { kind: 'reply-lost' });
	await erp.run();
	const made = erp.memory.records('product').find(({ fields }) => fields['value'] === 'TWO-1');
	erp.memory.add('product', product('TWO-1'), { reference: made?.reference ?? '' });
	await erp.passTime();
	await erp.run();
	const [intent] = await database.db.execute(
		sql`select state, problem ->> 'kind' as kind from sync_intent where internal_id = ${ours}::bigint and c_channel_id = ${erp.channelId}::bigint`
	);
	expect(intent).toMatchObject({ state: 'problem', kind: 'ambiguous' });
	expect((await erp.links()).filter(({ internalId }) => internalId === ours)).toEqual([]);
});

it('sends an edit made while its create was unconfirmed', async () => {
	const erp = await world.addChannel('edit-while-creating', { autoCreateExternal: true }, { unique: null });
	await erp.run();
	const ours = await erp.addInternal(product('EWC-1'));
	erp.memory.failNext('create', { kind: 'reply-lost' });
	await erp.run();
	await erp.editInternal(ours, { name: 'Edited meanwhile' });
	await erp.passTime();
	await erp.run();
	const made = erp.memory.records('product').find(({ fields }) => fields['value'] === 'EWC-1');
	expect(made?.fields['name']).toBe('Edited meanwhile');
	expect(await erp.conflicts()).toEqual([]);
});

it('holds creates beyond the ceiling and goes on with everything else', async () => {
	const policy = {
		ceilings: {
			creates: { count: 2, share: 0 },
			deactivations: { count: 10, share: 0 },
			updates: { count: 200, share: 0 }
		}
	};
	const erp = await world.addChannel('ceiling', { autoCreateExternal: true, policy });
	await erp.run();
	const linked = await erp.addInternal(product('CEIL-LINKED'));
	await erp.link(linked, erp.memory.add('product', product('CEIL-LINKED')));
	for (const value of ['CEIL-1', 'CEIL-2', 'CEIL-3', 'CEIL-4']) await erp.addInternal(product(value));
	const run = await erp.run();
	expect(run).toMatchObject({ state: 'held', problem: { kind: 'held' } });
	expect(erp.memory.writes().filter(({ method }) => method === 'create').length).toBeLessThanOrEqual(2);
	const holds = await database.db.execute(
		sql`select kind, state from sync_hold where c_channel_id = ${erp.channelId}::bigint`
	);
	expect(holds).toEqual([{ kind: 'creates', state: 'open' }]);
	await erp.editInternal(linked, { name: 'Still flows' });
	await erp.run();
	expect(erp.memory.writes().at(-1)).toMatchObject({ method: 'update', fields: { name: 'Still flows' } });
});

it('never creates for an excluded record, whatever is switched on', async () => {
	const erp = await world.addChannel('excluded', creating);
	await erp.run();
	const ours = await erp.addInternal(product('EXC-1'));
	await database.db.execute(sql`
		insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, created_by) values (${erp.channelId}::bigint, 'product', 'record', ${ours}::bigint, 'test')`);
	await erp.run('full');
	expect(erp.memory.records('product').filter(({ fields }) => fields['value'] === 'EXC-1')).toEqual([]);
});
