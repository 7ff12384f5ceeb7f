import { benchChannel } from './channel.ts';
import { benchConnectors } from './connectors.ts';
import { benchMatch } from './match.ts';
import { json, suiteName } from './options.ts';
import { benchSync } from './sync.ts';
import { benchWeb } from './web.ts';

/** One measured value; with `--json` one such object a line. */
export type Measurement = { name: string; value: number; unit: string; better: 'lower' | 'higher'; context: string };

const suites: Readonly<Record<string, (databaseUrl: string) => AsyncIterable<Measurement>>> = {
	sync: benchSync,
	web: benchWeb,
	channel: benchChannel,
	connectors: benchConnectors,
	match: benchMatch
};

const run = suites[suiteName];
const databaseUrl = process.env['DATABASE_URL'];
if (!run || !databaseUrl) {
	console.error(
		run
			? 'DATABASE_URL is not set: start this through npm run bench'
			: `there is no bench "${suiteName}": choose ${Object.keys(suites).join(', ')}`
	);
	process.exit(1);
}
for await (const one of run(databaseUrl)) {
	console.log(
		json
			? JSON.stringify(one)
			: `${one.name.padEnd(36)} ${one.value.toFixed(3).padStart(10)} ${one.unit.padEnd(18)} ${one.context}`
	);
}
