import type { Value } from './fields.ts';

/** How alike two names are, 0 to 1 (Dice's coefficient over the trigrams of their words); null where one is missing. */
export function nameSimilarity(one: Value, other: Value): number | null {
	const first = trigrams(one);
	const second = trigrams(other);
	if (first.size === 0 || second.size === 0) return null;
	let shared = 0;
	for (const trigram of first) if (second.has(trigram)) shared += 1;
	return (2 * shared) / (first.size + second.size);
}

function trigrams(name: Value): ReadonlySet<string> {
	const words =
		typeof name === 'string'
			? (name
					.normalize('NFC')
					.toLowerCase()
					.match(/[\p{L}\p{N}]+/gu) ?? [])
			: [];
	const all = new Set<string>();
	for (const word of words) {
		const letters = [...`  ${word} `];
		for (let at = 0; at + 3 <= letters.length; at += 1) all.add(letters.slice(at, at + 3).join(''));
	}
	return all;
}
