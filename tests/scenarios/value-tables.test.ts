import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultEntities } from '#src/engine/connectors/memory/options.ts';
import { saveValues } from '#src/mappings/manage-values.ts';
import { missingValues } from '#src/mappings/list-values.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld } from './world.ts';

const actor = { name: 'ann@example.org', role: 'administrator' } as const;
const entities = {
	...defaultEntities,
	product: (defaultEntities['product'] ?? []).map((field) =>
		field.name === 'currency' ? { ...field, table: 'money' } : field
	)
};

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

type Pair = { ours: string; theirs: string };

/** A channel whose currencies have names of its own, with one linked pair: ours holds EUR, theirs what is given. */
async function tabledChannel(
	theirs: string,
	pairs: readonly Pair[] = [],
	set: Parameters<typeof world.addChannel>[1] = {}
) {
	number += 1;
	const erp = await world.addChannel(`values-${number}`, set, { entities });
	const save = async (added: readonly Pair[], removed: readonly string[] = []) => {
		const about = { channelId: erp.channelId, table: 'money', added, removed: [...removed] };
		const saved = await saveValues(database.db, { ...about, added: [...added], actor, via: 'web' });
		if (!saved.ok) throw new Error(saved.message);
		return saved;
	};
	if (pairs.length > 0) await save(pairs);
	const fields = { name: 'Lamp', description: null, gtin: null, price: '5', weight: '1', is_active: true };
	const internalId = await erp.addInternal({ ...fields, value: `LAMP-${number}`, currency: 'EUR' });
	const externalId = erp.memory.add('product', { ...fields, value: `LAMP-${number}`, currency: theirs });
	const linkId = await erp.link(internalId, externalId);
	await erp.run();
	return {
		erp,
		save,
		linkId,
		internalId,
		externalId,
		theirs: () => erp.memory.record('product', externalId)?.fields['currency'],
		ours: async () => (await erp.internal(internalId))?.['currency'],
		status: async () => (await erp.linkState(linkId))?.status
	};
}

const euro = { ours: 'EUR', theirs: 'CUR-1' };
const franc = { ours: 'CHF', theirs: 'CUR-2' };

it('two names of one value agree; each side keeps its own, in its record and in the base', async () => {
	const lamp = await tabledChannel('CUR-1', [euro]);
	expect(await lamp.erp.linkState(lamp.linkId)).toMatchObject({
		status: 'in-sync',
		baseInternal: { currency: 'EUR' },
		baseExternal: { currency: 'CUR-1' }
	});
	expect(lamp.erp.memory.writes()).toEqual([]);
});

it('an edit goes over under the name that the other side has for it, both ways, and then is left alone', async () => {
	const lamp = await tabledChannel('CUR-1', [euro, franc]);
	await lamp.erp.editInternal(lamp.internalId, { currency: 'CHF' });
	await lamp.erp.run();
	expect([await lamp.ours(), lamp.theirs()]).toEqual(['CHF', 'CUR-2']);
	lamp.erp.memory.edit('product', lamp.externalId, { currency: 'CUR-1' });
	await lamp.erp.run();
	expect([await lamp.ours(), lamp.theirs()]).toEqual(['EUR', 'CUR-1']);
	const writes = lamp.erp.memory.writes().length;
	await lamp.erp.run('full');
	expect(lamp.erp.memory.writes()).toHaveLength(writes);
	expect(await lamp.status()).toBe('in-sync');
});

it('an unknown value holds its records under one cause; filling the row lets them go on by themselves', async () => {
	const lamp = await tabledChannel('CUR-1', [euro]);
	lamp.erp.memory.edit('product', lamp.externalId, { currency: 'CUR-7' });
	await lamp.erp.run();
	expect(await lamp.ours()).toBe('EUR');
	expect(await lamp.erp.linkState(lamp.linkId)).toMatchObject({
		status: 'awaiting',
		problem: { kind: 'unmapped-value', message: `CUR-7 is not mapped (money, values-${number}).`, field: 'currency' }
	});
	const missing = await missingValues(database.db, { channelId: lamp.erp.channelId });
	expect(missing).toMatchObject([{ table: 'money', side: 'external', value: 'CUR-7', waiting: 1 }]);
	expect((await lamp.save([{ ours: 'USD', theirs: 'CUR-7' }])).woken).toBe(1);
	await lamp.erp.run();
	expect([await lamp.ours(), await lamp.status()]).toEqual(['USD', 'in-sync']);
	expect(await missingValues(database.db, { channelId: lamp.erp.channelId })).toEqual([]);
});

it('other fields of a record that waits for a value go on, and so does an edit of ours to a value that has a pair', async () => {
	const lamp = await tabledChannel('CUR-1', [euro]);
	await lamp.erp.editInternal(lamp.internalId, { currency: 'XAU', name: 'Lamp 2' });
	await lamp.erp.run();
	expect(lamp.erp.memory.record('product', lamp.externalId)?.fields).toMatchObject({
		name: 'Lamp 2',
		currency: 'CUR-1'
	});
	expect(await lamp.status()).toBe('awaiting');
	await lamp.save([{ ours: 'XAU', theirs: 'GOLD' }]);
	await lamp.erp.run();
	expect([lamp.theirs(), await lamp.status()]).toEqual(['GOLD', 'in-sync']);
});

it('a changed table has links compared anew and overwrites nothing: a person is asked', async () => {
	const lamp = await tabledChannel('CUR-1', [euro]);
	const [pair] = await database.db.execute<{ id: string }>(
		sql`select id::text as id from c_channel_value where c_channel_id = ${lamp.erp.channelId}::bigint`
	);
	await lamp.save([{ ours: 'EUR', theirs: 'EURO' }], [pair?.id ?? '']);
	await lamp.erp.run();
	expect([await lamp.ours(), lamp.theirs()]).toEqual(['EUR', 'CUR-1']);
	expect(await lamp.erp.conflicts()).toMatchObject([
		{ field: 'currency', state: 'open', internal: 'EUR', external: 'CUR-1' }
	]);
	expect(lamp.erp.memory.writes()).toEqual([]);
	await lamp.save([euro]);
	await lamp.erp.run();
	expect(await lamp.status()).toBe('in-sync');
});

it('several values of theirs may be one of ours, and the first pair is the one that is sent', async () => {
	const lamp = await tabledChannel('CUR-1', [euro, { ours: 'EUR', theirs: 'CUR-1B' }, franc]);
	lamp.erp.memory.edit('product', lamp.externalId, { currency: 'CUR-1B' });
	await lamp.erp.run();
	expect([await lamp.ours(), await lamp.status()]).toEqual(['EUR', 'in-sync']);
	await lamp.erp.editInternal(lamp.internalId, { currency: 'CHF' });
	await lamp.erp.run();
	await lamp.erp.editInternal(lamp.internalId, { currency: 'EUR' });
	await lamp.erp.run();
	expect(lamp.theirs()).toBe('CUR-1');
});

it('a swapped table is no trouble: what is a name on both sides means what its own side says', async () => {
	const swapped = [
		{ ours: 'EUR', theirs: 'CHF' },
		{ ours: 'CHF', theirs: 'EUR' }
	];
	const lamp = await tabledChannel('CHF', swapped);
	expect(await lamp.status()).toBe('in-sync');
	await lamp.erp.editInternal(lamp.internalId, { currency: 'CHF' });
	await lamp.erp.run();
	expect([await lamp.ours(), lamp.theirs(), await lamp.status()]).toEqual(['CHF', 'EUR', 'in-sync']);
});

it('new records are created under the names of their side, and wait where one is missing', async () => {
	const lamp = await tabledChannel('CUR-1', [euro], { autoCreateInternal: true, autoCreateExternal: true });
	const fields = { name: 'New', description: null, gtin: null, price: '1', weight: '1', is_active: true };
	lamp.erp.memory.add('product', { ...fields, value: `THEIRS-${number}`, currency: 'CUR-9' });
	await lamp.erp.addInternal({ ...fields, value: `OURS-${number}`, currency: 'EUR' });
	await lamp.erp.run('full');
	const sent = lamp.erp.memory.records('product').find((record) => record.fields['value'] === `OURS-${number}`);
	expect(sent?.fields['currency']).toBe('CUR-1');
	const made = () =>
		database.db.execute<{ currency: string }>(sql`select currency from m_product where value = ${`THEIRS-${number}`}`);
	expect([...(await made())]).toEqual([]);
	await lamp.save([{ ours: 'SEK', theirs: 'CUR-9' }]);
	await lamp.erp.run();
	expect([...(await made())]).toEqual([{ currency: 'SEK' }]);
});

it('an operator may not change a table, and nobody gives it an empty value', async () => {
	const lamp = await tabledChannel('CUR-1');
	const ask = (role: 'operator' | 'administrator', pair: Pair, table = 'money') =>
		saveValues(database.db, {
			channelId: lamp.erp.channelId,
			table,
			added: [pair],
			removed: [],
			actor: { ...actor, role },
			via: 'web'
		});
	expect(await ask('operator', euro)).toMatchObject({ ok: false, kind: 'not-allowed' });
	expect(await ask('administrator', { ours: ' ', theirs: 'x' })).toMatchObject({ ok: false, kind: 'invalid' });
	expect(await ask('administrator', euro, 'Tax class')).toMatchObject({ ok: false, kind: 'invalid', field: 'table' });
});
