import { seededRandom } from '#src/demo/story/random.ts';

/** Choices from one seed: the same series in every process. */
export type Chance = {
	/** 0 <= x < 1 */
	number(): number;
	/** A whole number below `limit`. */
	below(limit: number): number;
	/** True in this share of cases. */
	is(share: number): boolean;
	pick<T>(from: readonly T[]): T;
};

export function createChance(seed: number): Chance {
	const number = seededRandom(seed);
	const below = (limit: number) => Math.floor(number() * limit);
	return {
		number,
		below,
		is: (share) => number() < share,
		pick(from) {
			if (from.length === 0) throw new Error('nothing to choose from');
			return from[below(from.length)] as (typeof from)[number];
		}
	};
}
