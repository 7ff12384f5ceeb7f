import type { Violation } from '../checks/violation.ts';
import type { Outcome } from '../schedule.ts';

/** What becomes of one schedule, as far as any engine can be asked. */
export type Tally = {
	seed: number;
	edits: number;
	kills: number;
	faults: number;
	/** Edits that are gone without a trace, at whichever side. */
	lost: number;
	/** Of these, at channels without a precondition. */
	lostBlind: number;
	doubled: number;
	/** Writes on either side while nobody changed anything any more. */
	idleWrites: number;
	/** Linked pairs whose two sides still differ at the end. */
	unequal: number;
	/** What was found, in words. */
	violations: readonly Violation[];
};

/** The product's schedule, counted in the same way. */
export function tallyOf(outcome: Omit<Outcome, 'faultCounts'>): Tally {
	const { seed, edits, kills, faults, lostWithoutPrecondition: lostBlind, idleWrites, violations } = outcome;
	const of = (invariant: string) => violations.filter((found) => found.invariant === invariant);
	const lost = of('I2').length + lostBlind;
	const unequal = onePerPair(of('I1')).length;
	return { seed, edits, kills, faults, lost, lostBlind, doubled: of('I3').length, idleWrites, unequal, violations };
}

/** One finding for each linked pair that differs; where a person deleted one of the two there is nothing to compare. */
export function onePerPair(found: readonly Violation[]): Violation[] {
	const pairs = new Map<string, Violation>();
	for (const each of found) {
		const [pair] = /^\S+ link \d+/.exec(each.what) ?? [each.what];
		if (!each.what.endsWith('has lost a side')) pairs.set(pair, each);
	}
	return [...pairs.values()];
}
