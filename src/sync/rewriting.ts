import { canonical, roundDecimal, type FieldType, type Value } from './fields.ts';

/** How a channel stores a value otherwise than it was sent. `cut`: just so many characters of it. */
export type Rewriting =
	| { kind: 'spaces' | 'upper' | 'lower' | 'mark-up' }
	| { kind: 'round'; digits: number }
	| { kind: 'cut'; length: number };

/** What was sent, and what stood there afterwards. */
export type RewrittenSample = { sent: Value; returned: Value };

/** Fewer different samples than this prove nothing. */
const samplesAtLeast = 3;
/** The others are edits of people, or something else. */
const explainedAtLeast = 0.8;
const mostDigits = 6;

/** What the channel would hold; idempotent. */
export function rewriteValue(rewriting: Rewriting, value: Value): Value {
	if (typeof value !== 'string') return value;
	switch (rewriting.kind) {
		case 'spaces':
			return value.trim().replace(/\s+/gu, ' ');
		case 'upper':
			return value.toUpperCase();
		case 'lower':
			return value.toLowerCase();
		case 'mark-up':
			return withoutMarkUp(value);
		case 'round':
			return roundDecimal(value, rewriting.digits);
		case 'cut':
			return [...value].slice(0, rewriting.length).join('').trimEnd();
	}
}

/**
 * The rewriting that explains the most of these samples, what loses least first; null where none explains at least three
 * different ones and four fifths of all.
 */
export function learnRewriting(type: FieldType, samples: readonly RewrittenSample[]): Rewriting | null {
	const changed = new Map<string, RewrittenSample>();
	for (const sample of samples) {
		const pair = [canonical(type, sample.sent), canonical(type, sample.returned)];
		if (pair[0] !== pair[1]) changed.set(JSON.stringify(pair), sample);
	}
	const different = [...changed.values()];
	let best: { rewriting: Rewriting; explained: number } | null = null;
	for (const rewriting of candidatesFor(type, different)) {
		const explained = different.filter((sample) => explains(type, rewriting, sample)).length;
		if (explained > (best?.explained ?? 0)) best = { rewriting, explained };
	}
	if (!best || best.explained < samplesAtLeast || best.explained < different.length * explainedAtLeast) return null;
	return best.rewriting;
}

/** Whether this rewriting made the one of the other, and leaves that as it is. */
export function explains(type: FieldType, rewriting: Rewriting, { sent, returned }: RewrittenSample): boolean {
	const there = canonical(type, returned);
	const made = (value: Value) => canonical(type, rewriteValue(rewriting, value));
	return there !== null && made(sent) === there && made(returned) === there;
}

function candidatesFor(type: FieldType, samples: readonly RewrittenSample[]): Rewriting[] {
	if (type === 'decimal') {
		return Array.from({ length: mostDigits + 1 }, (_, index) => ({ kind: 'round', digits: mostDigits - index }));
	}
	if (type !== 'text') return [];
	const lengths = new Set(samples.map(({ returned }) => [...String(returned ?? '')].length).filter((each) => each > 0));
	const cuts = [...lengths].sort((one, other) => other - one).map((length) => ({ kind: 'cut', length }) as const);
	return [{ kind: 'spaces' }, { kind: 'mark-up' }, { kind: 'upper' }, { kind: 'lower' }, ...cuts];
}

/** Taken out until there is none: what is left of one tag may be another. */
function withoutMarkUp(value: string): string {
	for (let text = value; ;) {
		const next = text.replace(/<[^<>]*>/g, '');
		if (next === text) return text;
		text = next;
	}
}
