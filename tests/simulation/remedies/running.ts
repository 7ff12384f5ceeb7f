import type { Remedy } from './remedy.ts';

/** Rules about carrying on after a crash, and beside what is broken. */
export const runningRemedies: readonly Remedy[] = [
	{
		name: 'claim-expires',
		does: 'a claim on a link ends by itself',
		file: 'src/store/memory/claim-links.ts',
		find: 'if (link.claimedUntil !== null && link.claimedUntil > now) continue;',
		replace: 'if (link.claimedUntil !== null) continue;',
		failures: ['F43']
	},
	{
		name: 'create-claim-expires',
		does: 'a claim on an open create ends by itself',
		file: 'src/store/memory/creates.ts',
		find: '(intent.claimedUntil === null || intent.claimedUntil <= now) &&',
		replace: 'intent.claimedUntil === null &&',
		failures: ['F43']
	}
];
