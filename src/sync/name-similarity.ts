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

/** Three letters in a row: one number where all are ASCII, which is told apart faster than a text. */
type Trigram = number | string;

function trigrams(name: Value): ReadonlySet<Trigram> {
	const words =
		typeof name === 'string'
			? (name
					.normalize('NFC')
					.toLowerCase()
					.match(/[\p{L}\p{N}]+/gu) ?? [])
			: [];
	const all = new Set<Trigram>();
	for (const word of words) addTrigrams(all, word);
	return all;
}

const blank = 32;
const asciiBits = 7;

/** Of a word with two blanks before it and one behind. */
function addTrigrams(all: Set<Trigram>, word: string): void {
	let [one, two] = [blank, blank];
	const add = (three: number) => {
		const isAscii = (one | two | three) >> asciiBits === 0;
		all.add(isAscii ? (one << (2 * asciiBits)) | (two << asciiBits) | three : String.fromCodePoint(one, two, three));
		[one, two] = [two, three];
	};
	for (const letter of word) add(letter.codePointAt(0) ?? blank);
	add(blank);
}
