import { createMemoryStore } from '#src/store/memory/create-memory-store.ts';
import { befalls, channelFaults, channelMethods, processFaults, queueFaults, storeFaults } from './fault-kinds.ts';

/** Every call that a process of the simulation makes through its ports. */
const storeCalls = Object.keys(createMemoryStore({ nowMicros: () => 0n }).store)
	// A person's act: it comes in through the API, which does it itself.
	.filter((verb) => verb !== 'requestCancel')
	// No field of these worlds points at another record: tests/scenarios/references.test.ts has those.
	.filter((verb) => verb !== 'findReferences')
	// These worlds are smaller than what a listing must leave out to be held: tests/scenarios/listings.test.ts has those.
	.filter((verb) => verb !== 'holdAbsences')
	.map((verb) => `store.${verb}`);
const calls: readonly string[] = [...channelMethods, ...storeCalls, 'queue.send', 'clock.sleep'];

/** Every pair of a kind of fault and a call that it can befall, as the counters name it. */
export const faultCells: readonly string[] = [
	...channelFaults.flatMap((kind) =>
		channelMethods.filter((method) => befalls(kind, method)).map((method) => `${kind} ${method}`)
	),
	...storeFaults.flatMap((kind) => storeCalls.map((call) => `${kind} ${call}`)),
	// Who sleeps calls nobody: it can only fail to wake up.
	...processFaults.flatMap((kind) =>
		calls.filter((call) => call !== 'clock.sleep' || kind.endsWith('after')).map((call) => `${kind} ${call}`)
	),
	...queueFaults.map((kind) => `${kind} queue.send`)
];

/** Pairs that never came about. */
export function emptyCells(counts: ReadonlyMap<string, number>): string[] {
	return faultCells.filter((cell) => !counts.get(cell));
}
