import type { FieldRule, Flow } from './decide.ts';

/** What would be written to our side waits for a person where we cannot write it: who changes it there, or sends ours. */
export function proposedOnly(rule: FieldRule, flow: Flow): Flow {
	if (!rule.keptElsewhere) return flow;
	const pulls = flow.competing ? flow.winner === 'external' : flow.verdict === 'pull';
	return pulls ? { competing: true, winner: null, rule: 'ask: kept-elsewhere' } : flow;
}
