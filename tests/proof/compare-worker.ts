import { jobPerRecord } from '../simulation/baselines/job-per-record.ts';
import { newerWins } from '../simulation/baselines/newer-wins.ts';
import { playBaseline } from '../simulation/baselines/play-baseline.ts';
import { tallyOf } from '../simulation/baselines/tally.ts';
import { memoryDirectory } from '../simulation/directory.ts';
import { playSchedule } from '../simulation/schedule.ts';
import type { Compared } from './compare.ts';

/** Plays each seed that its parent sends with the three engines, and answers with what came of it. */
process.on('message', async ({ seed }: { seed: number }) => {
	const played: Compared = {
		product: tallyOf(await playSchedule(seed, { openDirectory: memoryDirectory })),
		newerWins: await playBaseline(seed, newerWins),
		jobPerRecord: await playBaseline(seed, jobPerRecord)
	};
	if (process.connected) process.send?.(played);
});
process.on('disconnect', () => process.exit(0));
