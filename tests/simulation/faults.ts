import {
	befalls,
	channelFaults,
	processFaults,
	queueFaults,
	storeFaults,
	type ChannelFault,
	type FaultKind,
	type ProcessFault,
	type QueueFault,
	type StoreFault
} from './fault-kinds.ts';
import type { SeededRandom } from './random.ts';

export type Rates = Readonly<Record<FaultKind, number>>;

/** Calls that most schedules make once or never: more goes wrong with them, or hardly any of it would ever be seen. */
const rareCalls: ReadonlySet<string> = new Set([
	'find',
	'search',
	'probe',
	'store.addItems',
	'store.bindIntent',
	'store.compactLinkCounts',
	'store.confirmMissing',
	'store.endSweep',
	'store.failIntent',
	'store.forgetOldRuns',
	'store.importRecord',
	'store.loadChannelAccess',
	'store.markIntentSent',
	'store.markStaleLinks',
	'store.openIntents',
	'store.readLink',
	'store.readLinks',
	'store.requeueRun',
	'store.saveMatches',
	'store.suspectMissing',
	'store.acceptWebhook',
	'store.takeHints',
	'store.takePlan'
]);
const rareFactor = 6;

/** What is rarer than the kind's own rate says. */
const rareFaults: ReadonlyMap<string, number> = new Map([['truncated-page read', 0.4]]);

/** Draws what goes wrong, and counts it by kind and by the call that it befell. */
export type Faults = ReturnType<typeof createFaults>;

export function createFaults(random: SeededRandom, rates: Rates) {
	const counts = new Map<string, number>();
	let on = true;

	function note(kind: FaultKind, call: string): void {
		const key = `${kind} ${call}`;
		counts.set(key, (counts.get(key) ?? 0) + 1);
	}

	/** One draw decides among the kinds that can befall this call. */
	function draw<Kind extends FaultKind>(
		kinds: readonly Kind[],
		call: string,
		fits: (kind: Kind) => boolean
	): Kind | null {
		const x = random.number();
		if (!on) return null;
		const factor = rareCalls.has(call) ? rareFactor : 1;
		let low = 0;
		for (const kind of kinds) {
			const rate = rates[kind];
			if (rate === 0 || !fits(kind)) continue;
			low += rate * factor * (rareFaults.get(`${kind} ${call}`) ?? 1);
			if (x < low) {
				note(kind, call);
				return kind;
			}
		}
		return null;
	}

	return {
		ofChannel: (method: string): ChannelFault | null => draw(channelFaults, method, (kind) => befalls(kind, method)),
		ofStore: (verb: string): StoreFault | null => draw(storeFaults, `store.${verb}`, () => true),
		ofProcess: (call: string, when: 'before' | 'after'): ProcessFault | null =>
			draw(processFaults, call, (kind) => kind.endsWith(when)),
		ofQueue: (): QueueFault | null => draw(queueFaults, 'queue.send', () => true),
		/** Whether the queue takes a job from a process that works on it. */
		takesJobBack: (): boolean => random.chance(0.05) && on,
		/** Everything works from here on. */
		stop(): void {
			on = false;
		},
		counts: (): ReadonlyMap<string, number> => counts
	};
}
