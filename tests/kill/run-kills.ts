import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { seededRandom } from '#src/demo/story/random.ts';
import { checkAgreement } from './check-agreement.ts';
import { checkDoubles } from './check-doubles.ts';
import { checkEdits } from './check-edits.ts';
import { checkIdle, performRun } from './check-idle.ts';
import { disrupt, drawDisruption, nextMoment, type DisruptionKind } from './disrupt.ts';
import { startEditLoad, type EditLoad } from './edit-load.ts';
import { gatherEvidence, type Evidence, type Violation } from './evidence.ts';
import { noFaults, someFaults } from './fault-proxy.ts';
import { resolveOpenConflicts, startOperator } from './operator.ts';
import { measureRecovery } from './recovery.ts';
import { percentile, type KillReport } from './report.ts';
import { stuckEvidence } from './stuck-edit.ts';
import { startWorld, type World } from './world.ts';

export type KillOptions = {
	/** kill -9s to survive; freezes come on top. */
	kills: number;
	links: number;
	seed: number;
	idleCycles: number;
	/** Whether a complete comparison of everything follows, which must find nothing to write. */
	fullRun: boolean;
	/** Called after every disruption. */
	onProgress?(report: { kills: number; lastKind: DisruptionKind; recoveryMs: number | null; edits: number }): void;
};

const settleWithinMs = 300_000;
const settlePollMs = 500;

/**
 * The campaign: people edit both sides while processes die one after the other, the next only after recovery. Then
 * faults and edits stop, everything settles, and the checkers look at what people did and at what both sides hold.
 */
export async function runKills(options: KillOptions): Promise<KillReport> {
	const startedMs = performance.now();
	const random = seededRandom(options.seed + 4);
	const world = await startWorld({ links: options.links, random: seededRandom(options.seed + 1) });
	try {
		const load = startEditLoad(world, options.links, seededRandom(options.seed + 2));
		const operator = startOperator(world, seededRandom(options.seed + 3));
		world.proxy.setRates(someFaults);
		const disruptions = await disruptAll(world, load, random, options);
		await load.stop();
		world.proxy.setRates(noFaults);
		await operator.stop();
		const settled = await settle(world, random);
		const evidence = await gatherEvidence(world, options.links);
		const violations = [
			...disruptions.violations,
			...checkAgreement(evidence),
			...checkEdits(evidence),
			...checkDoubles(evidence),
			...(settled ? await checkRest(world, options) : [])
		];
		return reportOf({ options, world, evidence, load, disruptions, violations, startedMs });
	} finally {
		await world.stop();
	}
}

type Disruptions = { kinds: DisruptionKind[]; recoveryMs: number[]; loads: number[]; violations: Violation[] };

async function disruptAll(
	world: World,
	load: EditLoad,
	random: () => number,
	{ kills, seed, onProgress }: KillOptions
): Promise<Disruptions> {
	const done: Disruptions = { kinds: [], recoveryMs: [], loads: [], violations: [] };
	const kindRandom = seededRandom(seed);
	for (let killed = 0; killed < kills;) {
		await nextMoment(world, random);
		const kind = drawDisruption(kindRandom);
		done.loads.push(os.loadavg()[0] ?? 0);
		const { atMs } = await disrupt(world, kind, random);
		if (kind !== 'freeze') killed += 1;
		done.kinds.push(kind);
		const recoveryMs = await measureRecovery(world, load, random, atMs);
		if (typeof recoveryMs !== 'number') {
			const output = world.engines.map((engine) => engine.output().slice(-4000));
			const stuck = await Promise.all(recoveryMs.map((edit) => stuckEvidence(world, edit)));
			const what = `no recovery from disruption ${done.kinds.length} (${kind})`;
			done.violations.push({ invariant: 'I11', what, evidence: { stuck, output } });
			return done;
		}
		if (kind !== 'freeze') done.recoveryMs.push(recoveryMs);
		onProgress?.({ kills: killed, lastKind: kind, recoveryMs, edits: load.counts.edits });
	}
	return done;
}

/** Waits, with an operator at work, until nothing is left to do; false where that does not come. */
async function settle(world: World, random: () => number): Promise<boolean> {
	const deadline = performance.now() + settleWithinMs;
	while (performance.now() < deadline) {
		const asked = await resolveOpenConflicts(world, random);
		const [left] = await world.db.execute<{ busy: boolean }>(sql`
			select exists (select 1 from c_channel_map_product where dirty_seq > clean_seq or status <> 'in-sync')
				or exists (select 1 from sync_intent) or exists (select 1 from sync_outbox) or exists (select 1 from sync_candidate) as busy`);
		if (asked === 0 && left?.busy === false) {
			// The last edit in the ERP may not have been seen yet: two whole cycles from here show it.
			await performRun(world, 'incremental');
			await performRun(world, 'incremental');
			const [dirty] = await world.db.execute(
				sql`select 1 from c_channel_map_product where dirty_seq > clean_seq or status <> 'in-sync' limit 1`
			);
			if (!dirty) return true;
		}
		await sleep(settlePollMs);
	}
	return false;
}

async function checkRest(world: World, { idleCycles, fullRun }: KillOptions): Promise<Violation[]> {
	const violations = await checkIdle(world, idleCycles, 'incremental');
	return fullRun ? [...violations, ...(await checkIdle(world, 1, 'full'))] : violations;
}

function reportOf(at: {
	options: KillOptions;
	world: World;
	evidence: Evidence;
	load: EditLoad;
	disruptions: Disruptions;
	violations: readonly Violation[];
	startedMs: number;
}): KillReport {
	const { options, world, evidence, load, disruptions, violations } = at;
	const { kinds, recoveryMs, loads } = disruptions;
	const count = (kind: DisruptionKind) => kinds.filter((one) => one === kind).length;
	const createMs = createTimes(evidence);
	return {
		kills: kinds.length - count('freeze'),
		violations: violations.length,
		recoveryP50Ms: Math.round(percentile(recoveryMs, 0.5)),
		recoveryP99Ms: Math.round(percentile(recoveryMs, 0.99)),
		recoveryMaxMs: Math.round(percentile(recoveryMs, 1)),
		engineKills: count('engine') + count('both-engines'),
		databaseKills: count('database'),
		freezes: count('freeze'),
		edits: load.counts.edits,
		creates: load.created.internal.length + load.created.external.length,
		createP50Ms: Math.round(percentile(createMs, 0.5)),
		createP99Ms: Math.round(percentile(createMs, 0.99)),
		conflicts: evidence.conflicts.length,
		engineWrites: evidence.erpHistory.filter(({ by }) => by !== 'person').length,
		faults: world.proxy.counts,
		loadPerCore: Math.round((10 * percentile(loads, 0.5)) / os.availableParallelism()) / 10,
		seconds: Math.round((performance.now() - at.startedMs) / 1000),
		seed: options.seed,
		found: violations
	};
}

/** From a record made here until the ERP had it, for each that people made here. */
function createTimes({ edits, erpHistory }: Evidence): number[] {
	const created = new Map(
		erpHistory.flatMap(({ by, before, after, at }) =>
			by !== 'person' && before === null ? [[String(after?.['sku']), Date.parse(at)] as const] : []
		)
	);
	return edits.flatMap(({ made, side, sku, at }) => {
		const createdAt = created.get(sku);
		return made && side === 'internal' && createdAt !== undefined ? [createdAt - Date.parse(at)] : [];
	});
}
