import { m } from '../paraglide/messages.js';
import { linksCounted } from './bulk-kind.ts';
import { problemWords } from './problem-words.ts';
import { statusName } from './status-words.ts';

/** The words of the button that does it: "Unlink 24 links". */
export function bulkAsk(kind: string, links: number): string {
	const counted = { links: linksCounted(links) };
	const asks: Readonly<Record<string, () => string>> = {
		unlink: () => m.bulk_ask_unlink(counted),
		retry: () => m.bulk_ask_retry(counted),
		push: () => m.bulk_ask_push(counted),
		pull: () => m.bulk_ask_pull(counted)
	};
	return asks[kind]?.() ?? kind;
}

/** What the button does that takes a job back, for people who hear the page. */
export function bulkUndoOf(kind: string, links: number): string {
	const counted = { links: linksCounted(links) };
	return kind === 'accept' ? m.bulk_undo_accept_of(counted) : m.bulk_undo_of(counted);
}

/** What was done to so many links, as a sentence. */
export function bulkDone(kind: string, links: number): string {
	const counted = { links: linksCounted(links) };
	const sentences: Readonly<Record<string, () => string>> = {
		unlink: () => m.bulk_done_unlink(counted),
		retry: () => m.bulk_done_retry(counted),
		push: () => m.bulk_done_push(counted),
		pull: () => m.bulk_done_pull(counted),
		'undo-unlink': () => m.bulk_done_undo(counted),
		'undo-accept': () => m.bulk_done_undo_accept(counted)
	};
	return sentences[kind]?.() ?? kind;
}

/** What it means for links with this status. */
export function bulkThen(kind: string, status: string, included: boolean): string {
	if (!included) return kind === 'retry' ? m.bulk_then_left_not_failing() : m.bulk_then_left_one_side();
	if (kind === 'unlink') return m.bulk_then_ended();
	if (kind === 'retry' || status === 'failed' || status === 'quarantined') return m.bulk_then_tried();
	return status === 'conflict' ? m.bulk_then_settled() : m.bulk_then_compared();
}

/** Why a link was left as it was. */
export function bulkCause(cause: string, kind: string, channel: string): string {
	const causes: Readonly<Record<string, () => string>> = {
		'record-gone': m.bulk_cause_record_gone,
		'being-created': () => m.bulk_cause_being_created({ channel }),
		'external-linked': () => m.bulk_cause_external_linked({ channel }),
		'internal-linked': () => m.bulk_cause_internal_linked({ channel }),
		changed: m.bulk_cause_changed,
		linked: m.bulk_cause_linked,
		secondary: () => (kind === 'undo-unlink' ? m.bulk_cause_secondary_back({ channel }) : m.bulk_cause_secondary())
	};
	return causes[cause]?.() ?? cause;
}

/** Which links a job was about. */
export function bulkSelection(
	filter: { status: string | null; q: string; listId?: string | undefined; cause?: string | undefined } | null,
	channel: string
): string {
	if (filter === null) return m.bulk_filter_chosen();
	const parts = [
		...(filter.status === null ? [] : [statusName(filter.status, channel)]),
		...(filter.q === '' ? [] : [m.bulk_filter_search({ q: filter.q })]),
		...(filter.cause === undefined ? [] : [problemWords(filter.cause)]),
		...(filter.listId === undefined ? [] : [m.bulk_filter_pasted()])
	];
	return parts.length === 0 ? m.bulk_filter_all() : parts.join(' · ');
}
