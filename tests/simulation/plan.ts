import type { MemoryField, MemoryOptions, Rewrite } from '#src/engine/connectors/memory/options.ts';
import type { ConflictRule, FirstContactRule } from '#src/sync/policy.ts';
import { faultKinds, type FaultKind } from './fault-kinds.ts';
import type { Rates } from './faults.ts';
import { seededRandom, type SeededRandom } from './random.ts';

/** silent: answers nothing at all. read-only: shows its records and refuses whatever would change one. */
export type Outage = 'silent' | 'read-only';

export type ChannelPlan = {
	name: string;
	wire: 'memory' | 'rest';
	entities: readonly string[];
	options: Omit<MemoryOptions, 'clock'>;
	conflict: ConflictRule;
	firstContact: FirstContactRule;
	autoCreateExternal: boolean;
	autoCreateInternal: boolean;
	/** A record of ours may have further links there, which only ever send. */
	allowSecondary: boolean;
	/** Longest transaction of the channel's own users. */
	lateCommitMs: number;
	/** Answers nothing, or takes no write, until the end of the faults: the other channels must not feel it. */
	dead: Outage | null;
	/** The channel is put back to an old state once. */
	restored: boolean;
};

/** Everything that is drawn before a schedule begins. */
export type SchedulePlan = {
	seed: number;
	replicas: number;
	channels: readonly ChannelPlan[];
	/** How long faults and edits go on, in virtual milliseconds. */
	lastingMs: number;
	/** Mean time between two acts of people. */
	thinkMs: number;
	records: number;
	intervalMs: number;
	/** How likely a person edits the very record that an engine has just taken up. */
	raceShare: number;
	/** How many intervals long it is watched, once all agree, that nothing is written any more. */
	idleCycles: number;
	/** Clocks of the engines, the database and the channels against true time, in milliseconds. */
	skews: { engines: readonly number[]; database: number; channels: readonly number[] };
	rates: Rates;
};

/** The fields that take part. Every one holds tokens but `is_active`. */
export const simulatedFields: Readonly<Record<string, readonly { name: string; type: MemoryField['type'] }[]>> = {
	product: [
		{ name: 'value', type: 'text' },
		{ name: 'name', type: 'text' },
		{ name: 'description', type: 'text' },
		{ name: 'price', type: 'decimal' },
		{ name: 'is_active', type: 'boolean' }
	],
	'business-partner': [
		{ name: 'value', type: 'text' },
		{ name: 'name', type: 'text' },
		{ name: 'email', type: 'text' },
		{ name: 'is_active', type: 'boolean' }
	]
};

const usual: Readonly<Record<FaultKind, number>> = {
	unavailable: 0.02,
	'rate-limited-seconds': 0.008,
	'rate-limited-date': 0.008,
	'timeout-before': 0.01,
	'timeout-after': 0.03,
	'reset-mid-body': 0.015,
	'lands-late': 0.03,
	'token-expired': 0.006,
	'schema-drift': 0.008,
	'stale-page': 0.04,
	'duplicated-page': 0.04,
	'truncated-page': 0.01,
	'empty-page': 0.01,
	'serialization-failure': 0.003,
	deadlock: 0.003,
	'lost-before-commit': 0.002,
	'lost-after-commit': 0.003,
	'kill-before': 0.0015,
	'kill-after': 0.0025,
	'stall-before': 0.0015,
	'stall-after': 0.002,
	'job-lost': 0.02,
	'job-doubled': 0.1,
	'job-late': 0.1
};

/** Every eighth schedule is a storm: people race the engines for most links, and more goes wrong. */
export function isStorm(seed: number): boolean {
	return seed % 8 === 0;
}

/** Draws a schedule's plan from its seed: each kind of fault is left out, usual or frequent (swarm testing, Groce et al. 2012). */
export function planOf(seed: number): SchedulePlan {
	const random = seededRandom(seed);
	const channelCount = random.pick([1, 1, 2, 2, 3]);
	const wire = random.chance(0.2) ? 'rest' : 'memory';
	const skewMs = random.pick([0, 3_000, 60_000, 86_400_000]);
	const skew = () => Math.round(random.between(-skewMs, skewMs) * 1000) / 1000;
	const replicas = 1 + random.int(4);
	const storm = isStorm(seed);
	const dead = channelCount > 1 && random.chance(0.15) ? random.int(channelCount) : -1;
	return {
		seed,
		replicas,
		channels: Array.from({ length: channelCount }, (_, index) =>
			drawChannel(random, {
				index,
				wire,
				storm,
				together: (['all or none', 'alone', 'each', 'alone'] as const)[(seed + index) % 4] ?? 'alone',
				dead: index === dead ? random.pick(['silent', 'read-only'] as const) : null
			})
		),
		lastingMs: random.between(50_000, 85_000),
		thinkMs: storm ? random.between(400, 700) : random.between(700, 1_250),
		records: 3 + random.int(4),
		intervalMs: random.pick([5_000, 8_000, 12_000]),
		raceShare: storm ? 0.5 : random.pick([0.08, 0.08, 0.3]),
		idleCycles: seed % 200 === 0 ? 100 : 3,
		skews: {
			engines: Array.from({ length: 40 }, skew),
			database: skew(),
			channels: Array.from({ length: channelCount }, skew)
		},
		rates: Object.fromEntries(
			faultKinds.map((kind) => [kind, usual[kind] * random.pick(storm ? [0, 2, 4] : [0, 1, 1, 1, 3])])
		) as Rates
	};
}

function drawChannel(
	random: SeededRandom,
	{
		index,
		wire,
		storm,
		together,
		dead
	}: {
		index: number;
		wire: 'memory' | 'rest';
		storm: boolean;
		together: 'all or none' | 'each' | 'alone';
		dead: Outage | null;
	}
): ChannelPlan {
	const keepsReferences = random.chance(0.85);
	const lateCommitMs = random.pick([0, 2_000, 4_000]);
	const drawn = drawOptions(random, wire, { keepsReferences, lateCommitMs });
	const options = { ...drawn, ...(together !== 'alone' && { updatesAtOnce: 4, updatesApart: together === 'each' }) };
	return {
		name: `channel-${index}`,
		wire,
		entities: random.chance(0.3) ? ['product', 'business-partner'] : ['product'],
		options,
		conflict: random.pick(['newest-wins', 'newest-wins', 'internal-wins', 'external-wins', 'ask'] as const),
		firstContact: random.pick(['ask', 'internal-wins', 'external-wins', 'fill-blanks'] as const),
		autoCreateExternal: keepsReferences && random.chance(0.6),
		autoCreateInternal: random.chance(0.4),
		allowSecondary: random.chance(0.3),
		lateCommitMs,
		dead,
		restored: dead === null && random.chance(storm ? 0.4 : 0.1) && tellsAge(options)
	};
}

function drawOptions(
	random: SeededRandom,
	wire: 'memory' | 'rest',
	{ keepsReferences, lateCommitMs }: { keepsReferences: boolean; lateCommitMs: number }
): ChannelPlan['options'] {
	const drawn = random.pick(['strict', 'strict', 'strict', 'coarse', 'none'] as const);
	const precondition = drawn === 'coarse' && wire === 'rest' ? 'strict' : drawn;
	const resolutionMs = random.pick(wire === 'rest' ? [0.001, 1, 1_000] : [0.001, 1, 1_000, 60_000]);
	const stampResolutionMs = precondition === 'coarse' ? 1_000 : resolutionMs;
	return {
		precondition,
		settleMs: 1_000 + lateCommitMs,
		versionInReplies: random.chance(0.4),
		stampResolutionMs,
		// A coarse tag is the stamp: where it left out a field, it would be no precondition for it.
		stampCovers: random.chance(0.15) && precondition !== 'coarse' ? ['name', 'price'] : 'all',
		// A coarse tag is made of the stamp, so that there is one.
		nullStamps: random.chance(0.15) && wire === 'memory' && precondition !== 'coarse',
		reference: keepsReferences ? random.pick(['plain', 'plain', 'unique'] as const) : 'none',
		referenceLagMs: random.pick([0, 0, 3_000]),
		listLagMs: random.pick([0, 0, 2_000]),
		hasChanges: random.chance(0.85),
		pageSize: random.pick([2, 3, 5, 20]),
		// Room for a late commit, for what the listing lags behind, and for a coarse stamp cut off.
		overlapMs: Math.ceil(lateCommitMs + 3_000 + stampResolutionMs),
		unique: null,
		entities: Object.fromEntries(
			Object.keys(simulatedFields).map((entity) => [entity, drawFields(random, entity, wire)])
		)
	};
}

/** Where stamps are missing, coarse or silent about a field, nobody can tell a backup from an edit. */
function tellsAge({ nullStamps, stampCovers, stampResolutionMs = 1_000 }: ChannelPlan['options']): boolean {
	return !nullStamps && stampCovers === 'all' && stampResolutionMs <= 1_000;
}

function drawFields(random: SeededRandom, entity: string, wire: 'memory' | 'rest'): MemoryField[] {
	return (simulatedFields[entity] ?? []).map(({ name, type }): MemoryField => {
		const rewrite = rewriteOf(random, type, wire);
		return { name, type, ...(rewrite !== null && { rewrite }) };
	});
}

const texts = [null, 'trim', 'upper', 'squeeze', 'mark-up'] as const;

function rewriteOf(random: SeededRandom, type: MemoryField['type'], wire: 'memory' | 'rest'): Rewrite | null {
	// The rest connector's settings know of no more than letters and digits.
	const drawn = random.pick(wire === 'rest' ? ([null, 'upper'] as const) : texts);
	if (type === 'text') return drawn;
	return type === 'decimal' ? { round: 2 + random.int(3) } : null;
}
