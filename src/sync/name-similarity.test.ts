import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameSimilarity } from './name-similarity.ts';

/** As its comment says it, letter by letter. */
function plainly(one: string, other: string): number | null {
	const trigrams = (name: string) => {
		const words = name
			.normalize('NFC')
			.toLowerCase()
			.match(/[\p{L}\p{N}]+/gu);
		return new Set(
			(words ?? []).flatMap((word) => {
				const letters = [...`  ${word} `];
				return letters.slice(2).map((_, at) => letters.slice(at, at + 3).join(''));
			})
		);
	};
	const [first, second] = [trigrams(one), trigrams(other)];
	if (first.size === 0 || second.size === 0) return null;
	return (2 * first.intersection(second).size) / (first.size + second.size);
}

test('two names share most of their letters, some, or none', () => {
	expect(nameSimilarity('Zelt für 2', 'ZELT  FÜR - 2')).toBe(1);
	expect(nameSimilarity('Trail Tent 2', 'Trail Tent')).toBeCloseTo(0.91, 2);
	expect(nameSimilarity('Zelt', 'Gaskocher')).toBe(0);
	expect(nameSimilarity('Zelt', ' - ')).toBeNull();
	expect(nameSimilarity(null, 'Zelt')).toBeNull();
});

test('every text is compared as it is said', () => {
	const letter = fc.constantFrom(
		'a',
		'B',
		'b',
		'z',
		'7',
		' ',
		'-',
		'ß',
		'Ü',
		'ü',
		'Å',
		'½',
		'²',
		'µ',
		'×',
		'é',
		'é',
		'帐',
		'篷',
		'𝒳',
		'𠮷',
		'\u00a0'
	);
	const name = fc.array(letter, { maxLength: 12 }).map((letters) => letters.join(''));
	const plain = fc.string({ unit: fc.constantFrom('a', 'B', 'b', '7', ' ', '-', 'ß', 'Ü', 'ü', 'é'), maxLength: 80 });
	fc.assert(
		fc.property(fc.oneof(name, plain), fc.oneof(name, plain), (one, other) => {
			expect(nameSimilarity(one, other)).toBe(plainly(one, other));
			expect(nameSimilarity(one, other)).toBe(nameSimilarity(other, one));
		}),
		{ numRuns: 1000 }
	);
});
