import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { leaveOut } from '#src/mappings/leave-out.ts';
import { listRunItems } from '#src/mappings/list-run-items.ts';
import { planRefusal, readPlan } from '#src/mappings/read-plan.ts';
import type { MemoryChannel } from '#src/engine/connectors/memory/create-memory-channel.ts';
import { product } from '#src/entities/product/index.ts';
import { testDatabase } from '../pg/database.ts';
import { createWorld, type Story } from './world.ts';

const database = await testDatabase();
afterAll(database.close);

let world: Awaited<ReturnType<typeof createWorld>>;
let erp: Story & { memory: MemoryChannel };
let count = 0;
const operator = { actor: { name: 'op@example.org', role: 'operator' as const }, via: 'web' as const };

beforeEach(async () => {
	world = await createWorld(database.db);
	erp = await world.addChannel(`ERP ${++count}`);
});

/** A pair of records in sync. */
async function inSync(code: string) {
	const fields = { value: `${code}-${count}`, name: 'Rope', price: '1.000000' };
	const internalId = await erp.addInternal(fields);
	const externalId = erp.memory.add('product', { ...fields, is_active: true });
	return { internalId, externalId, linkId: await erp.link(internalId, externalId) };
}

async function apply(planId: string) {
	const { runId } = await world.engine.requestRun({
		channelId: erp.channelId,
		entity: 'product',
		mode: 'apply',
		planId,
		startedBy: 'story'
	});
	await world.engine.performRun(runId, new AbortController().signal);
	return erp.ended(runId);
}
const priceThere = (externalId: string) => erp.memory.record('product', externalId)?.fields['price'];

test('a plan says what would be written, and is carried out as it was shown, but for what moved since', async () => {
	const [kept, moved, away] = [await inSync('KEPT'), await inSync('MOVED'), await inSync('AWAY')];
	await erp.run();
	for (const { internalId } of [kept, moved, away]) await erp.editInternal(internalId, { price: '2.000000' });

	const preview = await erp.run('preview');
	const items = await listRunItems(database.db, product, { runId: preview.runId });
	expect(items.rows.map(({ action, plan }) => ({ action, changes: plan?.changes }))).toEqual(
		[kept, moved, away].map(() => ({
			action: 'push',
			changes: [expect.objectContaining({ field: 'price', side: 'external' })]
		}))
	);
	expect(Number(items.rows[0]?.plan?.changes[0]?.before)).toBe(1);
	expect(Number(items.rows[0]?.plan?.changes[0]?.after)).toBe(2);
	expect(Number(priceThere(kept.externalId))).toBe(1);

	const itemIds = items.rows.filter(({ linkId }) => linkId === away.linkId).map(({ id }) => id);
	expect(await leaveOut(database.db, { runId: preview.runId, itemIds, leftOut: true, ...operator })).toMatchObject({
		ok: true
	});
	await erp.editInternal(moved.internalId, { price: '3.000000' });

	const plan = await readPlan(database.db, { runId: preview.runId });
	expect(plan).toMatchObject({ items: 3, leftOut: 1, appliedBy: null });
	expect(plan && planRefusal(plan)).toBeNull();
	const applied = await apply(preview.runId);
	expect(applied).toMatchObject({ state: 'partial', counts: { pushed: 1, skipped: 1 } });
	expect(await erp.items(applied.runId)).toEqual(
		expect.arrayContaining([
			expect.objectContaining({ action: 'push', outcome: 'pushed' }),
			expect.objectContaining({ outcome: 'skipped', problem: expect.objectContaining({ kind: 'stale' }) as unknown })
		])
	);
	expect([kept, moved, away].map(({ externalId }) => Number(priceThere(externalId)))).toEqual([2, 1, 1]);

	// Whoever applies it twice gets the same run; nothing can be taken out any more.
	expect((await apply(preview.runId)).runId).toBe(applied.runId);
	expect(await leaveOut(database.db, { runId: preview.runId, itemIds, leftOut: false, ...operator })).toMatchObject({
		kind: 'stale'
	});
	// What was refused or left out is the next run's.
	await erp.run();
	expect([moved, away].map(({ externalId }) => Number(priceThere(externalId)))).toEqual([3, 2]);
});

test('a change at the channel, other rules and a link that ended since are refused as well', async () => {
	const [there, gone] = [await inSync('THERE'), await inSync('GONE')];
	await erp.run();
	for (const { internalId } of [there, gone]) await erp.editInternal(internalId, { price: '2.000000' });
	const preview = await erp.run('preview');
	erp.memory.edit('product', there.externalId, { name: 'Their rope' });
	await database.db.execute(sql`delete from c_channel_map_product where id = ${gone.linkId}::bigint`);
	const applied = await apply(preview.runId);
	expect(applied).toMatchObject({ state: 'partial', counts: { skipped: 2 } });
	expect([there, gone].map(({ externalId }) => Number(priceThere(externalId)))).toEqual([1, 1]);
});
