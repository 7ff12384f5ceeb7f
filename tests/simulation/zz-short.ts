import { memoryDirectory } from './directory.ts';
import { shortPlan } from './both.ts';
import { playSchedule } from './schedule.ts';
for (let s = Number(process.argv[2]), n = Number(process.argv[3]); n > 0; n--, s++) {
	for (const [name, change] of [['short', shortPlan], ['full', (p: any) => p]] as const) {
		const o = await playSchedule(s, { openDirectory: memoryDirectory, change });
		console.log(s, name, o.violations.length, o.edits, o.faults, o.kills, o.pushes, o.pulls, o.steps, Math.round(o.virtualMs / 1000), o.violations[0]);
	}
}
