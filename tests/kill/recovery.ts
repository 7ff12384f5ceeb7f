import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { editedFields, type EditLoad, type Side } from './edit-load.ts';
import { sameValue } from './evidence.ts';
import { linkedErpId } from './fixture.ts';
import type { StuckEdit } from './stuck-edit.ts';
import type { World } from './world.ts';

const giveUpMs = 120_000;
const lookEveryMs = 60;
const probes: readonly Side[] = ['internal', 'external', 'internal', 'external'];

/**
 * Edits two linked records on each side from now on and waits until each edit has reached the other side. Returns the
 * time from `sinceMs` until the last has, in milliseconds, or those that are not there after two minutes.
 */
export async function measureRecovery(
	world: World,
	load: EditLoad,
	random: () => number,
	sinceMs: number
): Promise<number | StuckEdit[]> {
	const took = await Promise.all(probes.map((side) => probe(world, load, side, random, sinceMs)));
	const stuck = took.filter((result) => typeof result !== 'number');
	return stuck.length > 0 ? stuck : Math.max(...took.filter((result) => typeof result === 'number'));
}

async function probe(
	world: World,
	load: EditLoad,
	side: Side,
	random: () => number,
	sinceMs: number
): Promise<number | StuckEdit> {
	const { sku, giveBack } = load.reserve();
	const field = editedFields[Math.floor(random() * editedFields.length)] ?? 'name';
	try {
		const value = await load.edit(side, sku, field);
		while (performance.now() - sinceMs < giveUpMs) {
			// The database may still be away.
			const there = await lookAt(world, side === 'internal' ? 'external' : 'internal', sku, field).catch(() => null);
			if (there !== null && sameValue(there, value)) return performance.now() - sinceMs;
			await sleep(lookEveryMs);
		}
		return { side, sku, field, value };
	} finally {
		giveBack();
	}
}

async function lookAt({ db, erp }: World, side: Side, sku: string, field: string): Promise<string | null> {
	if (side === 'internal') {
		const [row] = await db.execute<{ value: string | null }>(
			sql`select ${sql.identifier(field)}::text as value from m_product where value = ${sku}`
		);
		return row?.value ?? null;
	}
	const [record] = await erp.read([linkedErpId(sku)]);
	return (record?.[field as 'name'] as string | null | undefined) ?? null;
}
