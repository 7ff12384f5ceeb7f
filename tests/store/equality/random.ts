/** Seeded choices: the same seed, the same sequence, on every machine. */
export type Random = {
	/** 0 to below `end`. */
	int(end: number): number;
	chance(share: number): boolean;
	pick<T>(from: readonly T[]): T;
	/** Up to `most` different ones, in the order of `from`. */
	some<T>(from: readonly T[], most: number): T[];
};

/** Mulberry32. */
export function createRandom(seed: number): Random {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	const int = (end: number) => Math.floor(next() * end);
	return {
		int,
		chance: (share) => next() < share,
		pick: <T>(from: readonly T[]) => {
			if (from.length === 0) throw new Error('there is nothing to pick from');
			return from[int(from.length)] as T;
		},
		some: (from, most) => {
			const wanted = Math.min(from.length, int(most + 1));
			const places = new Set<number>();
			while (places.size < wanted) places.add(int(from.length));
			return from.filter((_, place) => places.has(place));
		}
	};
}
