import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { unseal } from '#src/db/seal.ts';
import { createTransport } from '#src/engine/connectors/http.ts';
import { tryton as trytonConnector } from '#src/engine/connectors/tryton/index.ts';
import { createEngine } from '#src/engine/create-engine.ts';
import { createStore } from '#src/store/store.ts';
import { wallClock } from '../../scenarios/world.ts';
import { secretKey } from './engine-process.ts';
import type { History } from './history.ts';
import type { RacedTryton } from './world.ts';

const watched = ['product.template', 'product.product', 'product.identifier'];
const fullEvery = 5;

/**
 * Runs cycles while nobody edits, every fifth a full one, and counts what they wrote: to any row of Tryton, by its own
 * write dates and by what its database saw, to our products, and to the links.
 */
export async function countIdleWrites(
	cycles: number,
	at: { db: Db; tryton: RacedTryton; ours: History; theirs: History }
): Promise<number> {
	const { db, tryton } = at;
	const engine = createEngine({
		clock: wallClock,
		random: { number: Math.random, uuid: randomUUID },
		transport: createTransport({ fetch, monotonicNow: wallClock.monotonicMs, wallNow: wallClock.nowMs }),
		connectors: [trytonConnector],
		queue: { send: async () => undefined, work: async () => undefined, stop: async () => undefined },
		store: createStore(db),
		unseal: (sealed, channelId, field) => unseal(secretKey, sealed, channelId, field),
		log: { info: () => undefined, warn: console.error, error: console.error },
		workerId: 'idle'
	});
	const [channel] = await db.execute<{ id: string }>(sql`select id::text as id from c_channel`);
	const state = async () => ({
		...Object.fromEntries(
			await Promise.all(watched.map(async (model) => [model, await tryton.client.writeDates(model)] as const))
		),
		ours: (await at.ours.changes()).length,
		theirs: (await at.theirs.changes()).length,
		products: await db.execute(sql`select id, rev from m_product order by id`),
		links: await db.execute(sql`select id, base_internal, base_external, status from c_channel_map_product order by id`)
	});
	let writes = 0;
	let before = JSON.stringify(await state());
	for (let cycle = 1; cycle <= cycles; cycle += 1) {
		const { runId } = await engine.requestRun({
			channelId: channel?.id ?? '',
			entity: 'product',
			mode: cycle % fullEvery === 0 ? 'full' : 'incremental',
			startedBy: 'race'
		});
		await engine.performRun(runId, new AbortController().signal);
		const [run] = await db.execute<{ state: string }>(sql`select state from sync_run where id = ${runId}::bigint`);
		if (run?.state !== 'succeeded') throw new Error(`idle cycle ${cycle} ended ${run?.state}`);
		const after = JSON.stringify(await state());
		if (after !== before) writes += 1;
		before = after;
	}
	return writes;
}
