import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { World } from './world.ts';

const lookEveryMs = 1500;

type Detail = { mapping?: { externalVersion?: string | null }; internal?: { rev?: string } | null };

/** Resolves what the engine asks about, through its API, as it was on the screen; what moved meanwhile is looked at again. */
export async function resolveOpenConflicts(world: World, random: () => number): Promise<number> {
	const open = await world.db.execute<{ linkId: string; field: string }>(
		sql`select link_id::text as "linkId", field from sync_conflict where state = 'open' order by id limit 20`
	);
	for (const { linkId, field } of open) {
		const path = `/v1/mappings/product/${linkId}`;
		const { status, body } = await world.api('GET', path);
		const { mapping, internal } = body as Detail;
		if (status !== 200 || !mapping || !internal?.rev) continue;
		await world.api('POST', `${path}/resolve`, {
			choices: { [field]: random() < 0.5 ? 'internal' : 'external' },
			internalRev: internal.rev,
			externalVersion: mapping.externalVersion ?? ''
		});
	}
	return open.length;
}

/** An operator who comes by every other second; resolves when sent home. */
export function startOperator(world: World, random: () => number): { stop(): Promise<void> } {
	const ending = new AbortController();
	const work = async () => {
		while (!ending.signal.aborted) {
			await sleep(lookEveryMs, undefined, { signal: ending.signal }).catch(() => undefined);
			// The database and both engines may be dead in this moment.
			await resolveOpenConflicts(world, random).catch(() => undefined);
		}
	};
	const working = work();
	return {
		async stop() {
			ending.abort();
			await working;
		}
	};
}
