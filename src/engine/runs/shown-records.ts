import type { LinkWithRecord } from '#src/store/claim-links.ts';
import { epochMicros } from '#src/sync/settle.ts';
import type { ExternalRecord, Resource } from '../connectors/connector.ts';

/** Characters of text that are kept at most; what the feed shows beyond them is read again. */
const roomForText = 8_000_000;

/** Records that the change feed showed in this run, until their link is looked at. */
export type ShownRecords = {
	/** How many are kept. */
	readonly size: number;
	keep(records: readonly ExternalRecord[]): void;
	/** The record of this link, once: what happens to the link afterwards is not in it. Null where it was not shown. */
	take(link: { externalId: string; variantId: string }): ExternalRecord | null;
};

/** Nothing shown yet. What it keeps has at most 8,000,000 characters, however much the feed shows. */
export function shownRecords(): ShownRecords {
	const kept = new Map<string, ExternalRecord>();
	let room = roomForText;
	return {
		get size() {
			return kept.size;
		},
		keep(records) {
			for (const record of records) {
				room -= sizeOf(record);
				// A record shown twice counts as it was shown last.
				if (room < 0) kept.delete(keyOf(record.id, record.variantId));
				else kept.set(keyOf(record.id, record.variantId), record);
			}
		},
		take({ externalId, variantId }) {
			const record = kept.get(keyOf(externalId, variantId)) ?? null;
			kept.delete(keyOf(externalId, variantId));
			return record;
		}
	};
}

/**
 * Whether a record that the feed showed is evidence enough to take its values over without reading it again: whole, and by
 * its stamp from after all that the two sides agreed on, our own writes included. What moves no stamp is as new as the rest of
 * it: an agreement from after it was shown has its stamp or a later one.
 */
export function isEvidence({ link, internal }: LinkWithRecord, record: ExternalRecord, resource: Resource): boolean {
	if (internal === null || link.baseInternal === null || link.baseExternal === null) return false;
	if (link.pendingWrite !== null || link.unconfirmed.length > 0 || link.stampPassed) return false;
	if (record.unreadable) return false;
	if (!resource.fields.every(({ name }) => record.fields[name] !== undefined)) return false;
	const shown = record.stamp === null ? null : epochMicros(record.stamp);
	const agreed = link.externalStamp === null ? null : epochMicros(link.externalStamp);
	return shown !== null && agreed !== null && shown > agreed;
}

function keyOf(id: string, variantId: string): string {
	return `${id}\n${variantId}`;
}

function sizeOf({ fields }: ExternalRecord): number {
	return Object.values(fields).reduce(
		(size: number, value) => size + (typeof value === 'string' ? value.length : 8),
		64
	);
}
