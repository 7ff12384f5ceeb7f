import { openVirtualClockDatabase } from '../store/virtual-clock-database.ts';
import { playOnBoth } from './both.ts';
import { memoryDirectory } from './directory.ts';
import { playSchedule } from './schedule.ts';
import type { Played } from './farm.ts';

/** Plays the seeds that its parent sends, one message each, and answers with what came of them. */
process.on('message', async ({ seed, fullTrace = false }: { seed: number; fullTrace?: boolean }) => {
	const played = await play(seed, fullTrace);
	if (process.connected) process.send?.(played);
});
process.on('disconnect', async () => {
	await (await database)?.close();
	process.exit(0);
});

const postgresUrl = process.env['SIMULATE_POSTGRES'] ?? '';
const database = postgresUrl === '' ? null : openVirtualClockDatabase(postgresUrl);

let unhandled: unknown = null;
process.on('unhandledRejection', (error) => (unhandled = error));

async function play(seed: number, fullTrace: boolean): Promise<Played> {
	unhandled = null;
	try {
		const outcome = database
			? await playOnBoth(seed, await database)
			: await playSchedule(seed, { openDirectory: memoryDirectory, fullTrace });
		const { faultCounts, violations, ...rest } = outcome;
		const thrown = unhandled === null ? [] : [{ invariant: 'defect', what: `unhandled: ${textOf(unhandled)}` }];
		return { ...rest, violations: [...violations, ...thrown], faultCounts: [...faultCounts] };
	} catch (error) {
		const none = { edits: 0, faults: 0, kills: 0, stalls: 0, pushes: 0, pulls: 0, creates: 0, steps: 0, virtualMs: 0 };
		const violations = [{ invariant: 'defect', what: textOf(error) }];
		return { ...none, seed, violations, hash: '', lostWithoutPrecondition: 0, idleWrites: 0, faultCounts: [] };
	}
}

function textOf(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
