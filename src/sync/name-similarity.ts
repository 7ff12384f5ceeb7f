import type { Value } from './fields.ts';

/** How alike two names are, 0 to 1 (Dice's coefficient over the trigrams of their words); null where one is missing. */
export function nameSimilarity(one: Value, other: Value): number | null {
	const [first, second] = [shortTrigrams(one), shortTrigrams(other)];
	if (first && second) return dice(first.length, second.length, sharedInOrder(first, second));
	const [some, others] = [trigrams(one), trigrams(other)];
	return dice(some.size, others.size, some.intersection(others).size);
}

function dice(some: number, others: number, shared: number): number | null {
	return some === 0 || others === 0 ? null : (2 * shared) / (some + others);
}

const word = /[\p{L}\p{N}]+/gu;

/** Every three letters in a row once: of each word with two blanks before it and one behind. */
function trigrams(name: Value): ReadonlySet<string> {
	const words = typeof name === 'string' ? name.normalize('NFC').toLowerCase().match(word) : null;
	const all = new Set<string>();
	for (const letters of (words ?? []).map((text) => [...`  ${text} `])) {
		for (let at = 2; at < letters.length; at++) all.add(letters.slice(at - 2, at + 1).join(''));
	}
	return all;
}

const blank = 32;
const latinBits = 8;
const twoLetters = 2 ** (2 * latinBits) - 1;
/** More of them take longer to put in order one by one. */
const shortAtMost = 64;

/** Letters and digits of Latin-1 in lower case by their code, a blank for every other sign: none of them is written in two ways. */
const latin: readonly number[] = Array.from({ length: 1 << latinBits }, (_, code) => {
	const letter = String.fromCharCode(code);
	return letter.match(word) ? letter.toLowerCase().charCodeAt(0) : blank;
});

/** The same of a short name in Latin-1, in order: three such letters are one small number. Null of any other name. */
function shortTrigrams(name: Value): number[] | null {
	if (typeof name !== 'string' || name.length > shortAtMost) return null;
	const all: number[] = [];
	let before = -1;
	for (let at = 0; at <= name.length; at++) {
		const letter = at < name.length ? latin[name.charCodeAt(at)] : blank;
		if (letter === undefined) return null;
		if (letter === blank && before === -1) continue;
		const trigram = ((before === -1 ? (blank << latinBits) | blank : before) << latinBits) | letter;
		insertInOrder(all, trigram);
		before = letter === blank ? -1 : trigram & twoLetters;
	}
	return all;
}

function insertInOrder(all: number[], trigram: number): void {
	let at = all.length;
	while (at > 0 && (all[at - 1] ?? 0) > trigram) at -= 1;
	if (at > 0 && all[at - 1] === trigram) return;
	all.push(trigram);
	for (let from = all.length - 1; from > at; from--) all[from] = all[from - 1] ?? 0;
	all[at] = trigram;
}

function sharedInOrder(first: readonly number[], second: readonly number[]): number {
	let shared = 0;
	for (let [one, other] = [0, 0]; one < first.length && other < second.length;) {
		const difference = (first[one] ?? 0) - (second[other] ?? 0);
		if (difference === 0) shared += 1;
		if (difference <= 0) one += 1;
		if (difference >= 0) other += 1;
	}
	return shared;
}
