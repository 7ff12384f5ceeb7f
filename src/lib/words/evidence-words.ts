import { m } from '../paraglide/messages.js';

export type Evidence = { field: string; kind: string; internal: string; external: string };

/** Why two records may be the same, one short phrase a piece of evidence. */
export function evidenceWords(evidence: Evidence, labels: Readonly<Record<string, string>>): string {
	const field = labels[evidence.field] ?? evidence.field;
	return evidence.kind === 'equal'
		? m.evidence_equal({ field, value: evidence.internal })
		: m.evidence_respelled({ field, ours: evidence.internal, theirs: evidence.external });
}
