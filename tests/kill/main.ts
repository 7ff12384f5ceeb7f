import { parseArgs } from 'node:util';
import { record, typed } from '../proof/figures.ts';
import { describeViolations, type KillReport } from './report.ts';
import { runKills } from './run-kills.ts';

/** Process: `npm run test:kill -- --kills N [--seed N] [--links N] [--record] [--json]`. Exit code 1 when an invariant does not hold. */
const progressEvery = 25;

const { values } = parseArgs({
	options: {
		kills: { type: 'string', default: '1000' },
		links: { type: 'string', default: '10000' },
		seed: { type: 'string', default: String(Date.now() % 1_000_000) },
		json: { type: 'boolean', default: false },
		record: { type: 'boolean', default: false },
		verbose: { type: 'boolean', default: false }
	}
});
const [kills, links, seed] = [Number(values.kills), Number(values.links), Number(values.seed)];
if (![kills, links, seed].every((number) => Number.isSafeInteger(number) && number > 0)) {
	console.error('usage: npm run test:kill -- [--kills N] [--links N] [--seed N] [--json]');
	process.exit(1);
}

// Everything that was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
let said = 0;
const report = await runKills({
	kills,
	links,
	seed,
	idleCycles: 20,
	fullRun: true,
	onProgress({ kills: done, lastKind, recoveryMs, edits }) {
		if (values.verbose) console.error(`${done} ${lastKind}: ${Math.round(recoveryMs ?? 0)} ms`);
		if (done < said + progressEvery) return;
		said = done;
		console.error(`${done} of ${kills} kills, ${edits} edits`);
	}
});
if (values.record) await record('kills', { command: typed('test:kill'), figures: lastLine(report) });
if (report.violations > 0) console.error(describeViolations(report));
console.log(values.json ? JSON.stringify(lastLine(report)) : inWords(report));
process.exitCode = report.violations > 0 ? 1 : 0;

function lastLine({ found: _, ...numbers }: KillReport): Omit<KillReport, 'found'> {
	return numbers;
}

function inWords(report: KillReport): string {
	const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
	return [
		`${report.kills} kills (${report.engineKills} of engines, ${report.databaseKills} of the database) and ${report.freezes} freezes`,
		`${report.violations} violations in ${report.edits} edits and ${report.creates} new records, ${report.conflicts} conflicts`,
		`recovery p50 ${seconds(report.recoveryP50Ms)}, p99 ${seconds(report.recoveryP99Ms)}, longest ${seconds(report.recoveryMaxMs)}`,
		`creates p50 ${seconds(report.createP50Ms)}, p99 ${seconds(report.createP99Ms)}`,
		`seed ${report.seed}, ${report.seconds} s, ${report.loadPerCore} processes a core`
	].join('\n');
}
