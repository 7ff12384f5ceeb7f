import { plantedBugs } from './planted-bugs.ts';
import { creatingRemedies } from './remedies/creating.ts';
import { decidingRemedies } from './remedies/deciding.ts';
import { findingRemedies } from './remedies/finding.ts';
import type { Remedy } from './remedies/remedy.ts';
import { runningRemedies } from './remedies/running.ts';
import { writingRemedies } from './remedies/writing.ts';

export type { Remedy } from './remedies/remedy.ts';

/** Every safety rule that can be taken out, one at a time, to see that the checkers miss it. */
export const remedies: readonly Remedy[] = [
	...writingRemedies,
	...decidingRemedies,
	...creatingRemedies,
	...findingRemedies,
	...runningRemedies
];

/** Rules that stand in for each other: each alone may be missing unnoticed, both together may not. */
export const pairs: readonly { names: readonly [string, string]; because: string }[] = [
	{
		names: ['listing-knows-ours', 'import-knows-ours'],
		because: 'what a listing shows and what the read before the import shows are both looked at for our reference'
	},
	{
		names: ['import-asks-for-link', 'one-link-per-external'],
		because: 'an import asks before it inserts, and the unique key refuses'
	},
	{
		names: ['stamp-not-moved', 'stamp-covers-field'],
		because: 'a stamp that a field does not move is the old one: both rules ask a person then'
	},
	{
		names: ['dirty-counter', 'stale-links-swept'],
		because: 'a change of ours that came while its link was worked on is found by the sweep'
	},
	{
		names: ['outbox-hints', 'stale-links-swept'],
		because: 'a change of ours that left no hint is found by the sweep, and the other way round'
	}
];

/** The remedy or planted bug of this name; throws when there is none. */
export function remedyNamed(name: string): Remedy {
	const found = [...remedies, ...plantedBugs].find((remedy) => remedy.name === name);
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
