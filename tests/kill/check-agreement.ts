import { editedFields } from './edit-load.ts';
import { sameValue, storyOf, type Evidence, type Violation } from './evidence.ts';

/**
 * I1, convergence: once faults and edits have stopped, both sides of every record agree on every field, every record
 * is linked and every link is in sync: none is set aside, failed, held or asked about, no create is unsettled.
 *
 * Read from: the records of both sides (paired by SKU, which nobody edits), the links and their status.
 */
export function checkAgreement(evidence: Evidence): Violation[] {
	const theirs = new Map(evidence.erpProducts.map((record) => [record.sku, record]));
	const differing = evidence.ourProducts.flatMap((ours) => {
		const record = theirs.get(ours.value);
		if (!record) return [];
		return editedFields
			.filter((field) => !sameValue(ours[field], record[field]))
			.map((field): Violation => ({
				invariant: 'I1',
				what: `${ours.value}: "${field}" is not the same on both sides`,
				evidence: storyOf(evidence, ours.value, field)
			}));
	});
	const stuck = evidence.linkRows
		.filter(({ status, dirty }) => status !== 'in-sync' || dirty)
		.map((link): Violation => ({ invariant: 'I1', what: `link ${link.id} is ${link.status}`, evidence: link }));
	const unsettled = evidence.openIntents.map((intent): Violation => ({
		invariant: 'I1',
		what: 'a create is not settled',
		evidence: intent
	}));
	return [...differing, ...stuck, ...unsettled];
}
