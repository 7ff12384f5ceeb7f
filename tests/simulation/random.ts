/** A stream of numbers that depends on its seed alone. */
export type SeededRandom = {
	/** 0 <= x < 1 */
	number(): number;
	/** A whole number, 0 <= x < below. */
	int(below: number): number;
	between(low: number, high: number): number;
	chance(probability: number): boolean;
	pick<T>(list: readonly T[]): T;
	uuid(): string;
	/** A stream of its own, so that one consumer's draws never shift another's. */
	fork(): SeededRandom;
};

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast, and good enough to draw schedules from. */
export function seededRandom(seed: number): SeededRandom {
	let a = 0x9e3779b9 ^ seed;
	let b = 0x243f6a88 + Math.imul(seed, 0x85ebca6b);
	let c = 0xb7e15162;
	let counter = 1;
	const next = () => {
		const sum = (((a + b) | 0) + counter) | 0;
		counter = (counter + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = ((c << 21) | (c >>> 11)) + sum;
		return sum >>> 0;
	};
	for (let warm = 0; warm < 15; warm++) next();
	const hex = (digits: number) => next().toString(16).padStart(8, '0').slice(0, digits);
	const random: SeededRandom = {
		number: () => next() / 4294967296,
		int: (below) => Math.floor((next() / 4294967296) * below),
		between: (low, high) => low + (next() / 4294967296) * (high - low),
		chance: (probability) => next() / 4294967296 < probability,
		pick: (list) => list[random.int(list.length)] as never,
		uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(8)}${hex(4)}`,
		fork: () => seededRandom(next())
	};
	return random;
}
