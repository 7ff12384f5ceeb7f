import { jobPerRecord } from '../simulation/baselines/job-per-record.ts';
import { newerWins } from '../simulation/baselines/newer-wins.ts';
import { oneLinkARecord, playBaseline } from '../simulation/baselines/play-baseline.ts';
import { tallyOf } from '../simulation/baselines/tally.ts';
import { memoryDirectory } from '../simulation/directory.ts';
import { faultKinds } from '../simulation/fault-kinds.ts';
import type { Rates } from '../simulation/faults.ts';
import type { SchedulePlan } from '../simulation/plan.ts';
import { playSchedule } from '../simulation/schedule.ts';
import type { Compared, Weather } from './compare.ts';

/** Plays each seed that its parent sends with the three engines, and answers with what came of it. */
process.on('message', async ({ seed, weather }: { seed: number; weather: Weather }) => {
	const change = weather === 'calm' ? calm : oneLinkARecord;
	const played: Compared = {
		product: tallyOf(await playSchedule(seed, { openDirectory: memoryDirectory, change })),
		newerWins: await playBaseline(seed, newerWins, { change }),
		jobPerRecord: await playBaseline(seed, jobPerRecord, { change })
	};
	if (process.connected) process.send?.(played);
});
process.on('disconnect', () => process.exit(0));

/** No call fails, no process dies, no channel is away or goes back in time, and every clock is right. */
function calm(plan: SchedulePlan): SchedulePlan {
	return {
		...plan,
		skews: { engines: [0], database: 0, channels: plan.channels.map(() => 0) },
		rates: Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Rates,
		channels: oneLinkARecord(plan).channels.map((channel) => ({ ...channel, dead: null, restored: false }))
	};
}
