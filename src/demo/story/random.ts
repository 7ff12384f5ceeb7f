/** A fixed series of numbers in [0, 1) for a seed (mulberry32): the same story on every machine. */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}

/** The same items in another order (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
	const left = [...items];
	const mixed: T[] = [];
	while (left.length > 0) mixed.push(...left.splice(Math.floor(random() * left.length), 1));
	return mixed;
}
