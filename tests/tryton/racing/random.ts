/** Choices that a seed repeats. What the machine does in between is not repeated: real processes race. */
export type Dice = {
	/** 0 <= x < 1 */
	number(): number;
	/** Whole number, 0 <= x < `below`. */
	below(below: number): number;
	chance(probability: number): boolean;
	pick<T>(from: readonly T[]): T;
};

/** Mulberry32. */
export function diceOf(seed: number): Dice {
	let state = seed >>> 0;
	const number = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	const below = (limit: number) => Math.floor(number() * limit);
	return {
		number,
		below,
		chance: (probability) => number() < probability,
		pick(from) {
			const chosen = from[below(from.length)];
			if (chosen === undefined) throw new Error('there is nothing to pick from');
			return chosen;
		}
	};
}
