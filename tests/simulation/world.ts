import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import { isoFromMicros } from '#src/sync/settle.ts';
import { rest } from '#src/engine/connectors/rest/index.ts';
import { createAgreements } from './agreements.ts';
import type { Baseline } from './baselines/baseline.ts';
import { createAbsences } from './checks/absences.ts';
import { connectorOf, createChannel, type SimulatedChannel } from './channel.ts';
import type { Directory } from './directory.ts';
import { createFaults } from './faults.ts';
import { createLedger } from './ledger.ts';
import type { SchedulePlan } from './plan.ts';
import { createRaces } from './races.ts';
import { seededRandom } from './random.ts';
import { createReplica, type Replica, type Simulation } from './replica.ts';
import { restSettings, transportOf } from './rest-channel.ts';
import { createStillness } from './stillness.ts';
import { createTimeline } from './timeline.ts';
import { createTrace, epochMs } from './trace.ts';
import { createWeakQueue } from './weak-queue.ts';

export type World = Awaited<ReturnType<typeof createWorld>>;

export type WorldOptions = {
	openDirectory: (nowMicros: () => bigint) => Directory | Promise<Directory>;
	/** Hash arguments and results of every call, not only that it was made. */
	fullTrace?: boolean;
	print?: ((line: string) => void) | undefined;
	/** Another engine than the product's, to compare it with. */
	baseline?: Baseline;
};

/** One simulated installation: engines, database, channels and the clock that drives them all. */
export async function createWorld(plan: SchedulePlan, options: WorldOptions) {
	const random = seededRandom(plan.seed ^ 0x51ab1e5);
	const timeline = createTimeline(epochMs);
	const trace = createTrace({ full: options.fullTrace ?? false, ...(options.print && { print: options.print }) });
	const nowMicros = () => BigInt(Math.round((timeline.nowMs() + plan.skews.database) * 1000));
	const opened = await options.openDirectory(nowMicros);
	const faults = createFaults(random.fork(), plan.rates);
	const agreements = createAgreements(nowMicros);
	const races = createRaces();
	const absences = createAbsences(() => channels);
	const replicas: Replica[] = [];
	const counts = { kills: 0, stalls: 0, defects: [] as string[] };
	let born = 0;

	const simulation: Simulation = {
		timeline,
		random: random.fork(),
		faults,
		trace,
		store: absences.watch(races.watch(agreements.watch(opened.store))),
		counts,
		stillness: createStillness(),
		kill(replica) {
			if (replica.dead) return;
			replica.dead = true;
			counts.kills += 1;
			trace.note(timeline.nowMs(), `${replica.name} killed`);
			replicas.splice(replicas.indexOf(replica), 1);
			timeline.after(random.between(200, 5_000), null, start);
		}
	};
	const channels = plan.channels.map((each, index) => createChannel(simulation, each, plan.skews.channels[index] ?? 0));
	const queue = createWeakQueue(simulation, () => replicas);
	const baseline = options.baseline?.({
		directory: opened,
		channels,
		timeline,
		takenUp: races.takenUp,
		deliver: queue.deliver,
		lives: (worker) => replicas.some(({ name }) => name === worker)
	});
	const directory = baseline?.directory ?? opened;

	function start(): void {
		const skewMs = plan.skews.engines[born % plan.skews.engines.length] ?? 0;
		born += 1;
		replicas.push(
			createReplica(simulation, {
				name: `engine-${born}`,
				skewMs,
				connectors: (replica) => [connectorOf(simulation, replica, channels), rest],
				transport: (replica) => transportOf(simulation, replica, channels),
				queue: (replica) => queue.portOf(replica),
				engine: baseline?.engine,
				log: {
					info: () => {},
					warn: () => {},
					error: (message, detail) => counts.defects.push(`${message} ${JSON.stringify(detail)}`)
				}
			})
		);
	}

	for (const channel of channels) channel.id = await addChannel(directory, channel);
	for (let count = 0; count < plan.replicas; count++) start();

	return {
		plan,
		random,
		timeline,
		trace,
		directory,
		faults,
		channels,
		replicas,
		counts,
		queue,
		agreements,
		races,
		/** The engine that plays in the product's place, if one does. */
		baseline: baseline ?? null,
		absences,
		stillness: simulation.stillness,
		/** Only the change feed is asked, no full listing. */
		feedOnly: false,
		nowIso: () => isoFromMicros(nowMicros()),
		/** When, by the database's clock, the faults ended: from then on full listings come often. Null while they go on. */
		calmSince: null as string | null,
		ledger: createLedger()
	};
}

/** Wide enough that no schedule reaches them: what a held run does is another matter than what a lost one does. */
const wide = { count: 100_000, share: 1 };

async function addChannel(directory: Directory, channel: SimulatedChannel): Promise<string> {
	const { plan } = channel;
	const policy: ChannelEntityPolicy = {
		conflict: plan.conflict,
		firstContact: plan.firstContact,
		fields: {},
		ceilings: { creates: wide, deactivations: wide, updates: wide }
	};
	return directory.addChannel({
		name: plan.name,
		connector: plan.wire,
		settings: plan.wire === 'rest' ? restSettings(channel) : { channel: plan.name },
		credentials: {},
		entities: plan.entities.map((entity) => ({
			entity,
			policy,
			pushLive: true,
			pullLive: true,
			autoCreateExternal: plan.autoCreateExternal,
			autoCreateInternal: plan.autoCreateInternal,
			allowSecondary: plan.allowSecondary
		}))
	});
}
