import { sql } from 'drizzle-orm';
import { until } from './os-process.ts';
import type { Violation } from './evidence.ts';
import type { World } from './world.ts';

const runWithinMs = 180_000;

/**
 * I4, idle means zero writes: when nobody edits, cycle after cycle writes nothing, neither to the ERP (its own history
 * says so) nor to our records (no revision moves).
 */
export async function checkIdle(world: World, cycles: number, mode: 'incremental' | 'full'): Promise<Violation[]> {
	const before = await stateOf(world);
	for (let cycle = 0; cycle < cycles; cycle++) await performRun(world, mode);
	const after = await stateOf(world);
	if (after.writes === before.writes && after.revisions === before.revisions) return [];
	const evidence = { before, after, erpWrites: (await world.erp.history(before.writes)).slice(0, 20) };
	return [{ invariant: 'I4', what: `${cycles} idle cycles (${mode}) wrote something`, evidence }];
}

async function stateOf({ db, erp }: World): Promise<{ writes: number; revisions: string }> {
	const [row] = await db.execute<{ revisions: string }>(sql`select sum(rev)::text as revisions from m_product`);
	return { writes: (await erp.history(0)).length, revisions: row?.revisions ?? '' };
}

/** Asks for one run through the engine's API and waits for its end. */
export async function performRun({ db, api, channelId }: World, mode: 'incremental' | 'full'): Promise<void> {
	const { status, body } = await api('POST', '/v1/runs', { channelId, entity: 'product', mode });
	if (status >= 300) throw new Error(`a run was refused: ${status} ${JSON.stringify(body)}`);
	const runId = String(body['id']);
	await until(`run ${runId} ends`, runWithinMs, async () => {
		const [run] = await db.execute<{ state: string }>(sql`select state from sync_run where id = ${runId}::bigint`);
		return run && !['queued', 'running'].includes(run.state);
	});
}
