import { engineLinkCases } from './engine-link-cases.ts';
import { engineMatchCases } from './engine-match-cases.ts';
import { engineRunCases } from './engine-run-cases.ts';
import { personCases } from './person-cases.ts';
import { plainCases, type VerbCase } from './verb-case.ts';

/** At least one for every verb. */
export const allCases: readonly VerbCase[] = [
	...engineRunCases,
	...engineLinkCases,
	...engineMatchCases,
	...personCases,
	...plainCases
];
