import { m } from '../paraglide/messages.js';
import { decimalWords } from './value-words.ts';

export type Evidence = { field: string; kind: string; internal: string; external: string; percent?: number };

/** Why two records may be the same, or what speaks against it, one short phrase a piece of evidence. */
export function evidenceWords(evidence: Evidence, labels: Readonly<Record<string, string>>): string {
	const { kind, percent = 0 } = evidence;
	const shown = kind === 'ratio' ? decimalWords : (text: string) => text;
	const ours = shown(evidence.internal);
	const theirs = shown(evidence.external);
	const field = labels[evidence.field] ?? evidence.field;
	if (kind === 'equal') return m.evidence_equal({ field, value: ours });
	if (kind === 'linked') return m.evidence_linked({ field });
	if (kind === 'alike') return m.evidence_alike({ field, percent });
	if (kind === 'ratio')
		return percent === 100
			? m.evidence_equal({ field, value: ours })
			: m.evidence_ratio({ field, percent, ours, theirs });
	return m.evidence_respelled({ field, ours, theirs });
}
