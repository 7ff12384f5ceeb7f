import type { Remedy } from './remedies/remedy.ts';
import { writingRemedies } from './remedies/writing.ts';

export type { Remedy } from './remedies/remedy.ts';

/** Every safety rule that can be taken out, one at a time, to see that the checkers miss it. */
export const remedies: readonly Remedy[] = [...writingRemedies];

/** Rules that stand in for each other: only without both does something go wrong. */
export const pairs: readonly { names: readonly [string, string]; because: string }[] = [];

/** The remedy or planted bug of this name; throws when there is none. */
export function remedyNamed(name: string): Remedy {
	const found = remedies.find((remedy) => remedy.name === name);
	if (!found) throw new Error(`no remedy is called ${name}; see --list-remedies`);
	return found;
}

/** The source of a file without these remedies of it. Throws when a place is not there exactly once. */
export function withoutRemedies(source: string, taken: readonly Remedy[]): string {
	return taken.reduce((text, { name, file, find, replace }) => {
		const [before, after, ...others] = text.split(find);
		if (before === undefined || after === undefined || others.length > 0)
			throw new Error(`${name}: its place must occur exactly once in ${file}`);
		return before + replace + after;
	}, source);
}
