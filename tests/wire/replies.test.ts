import { expect, it, vi } from 'vitest';
import { channelNames } from './channels.ts';
import { fuzzEngine } from './fuzz-engine.ts';
import { fuzzReplies, rssMaxMiB } from './fuzz-replies.ts';

const replies = 600;
const worlds = 4;
/** Far more than they take: other suites run beside. */
const patientMs = 240_000;
vi.setConfig({ testTimeout: patientMs });

it.each(channelNames)('%s: every damaged reply gives a value of the contract or a ConnectorError', async (name) => {
	const result = await fuzzReplies(name, { replies, seed: 3 });
	const methods = Object.values(result.outcomes);
	expect(methods.every((outcomes) => (outcomes['value'] ?? 0) > 0 && Object.keys(outcomes).length > 2)).toBe(true);
	expect(methods.length).toBe(8);
	expect(result.rssGrowthMiB).toBeLessThanOrEqual(rssMaxMiB);
});

it.each(channelNames)('%s: the engine invents, doubles and loses nothing on damaged replies', async (name) => {
	for (let seed = 1; seed <= worlds; seed += 1) {
		const { replies: damaged } = await fuzzEngine(name, seed);
		expect(damaged).toBeGreaterThan(0);
	}
});
