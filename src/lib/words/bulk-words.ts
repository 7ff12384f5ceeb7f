import { formatCount } from '../format.ts';
import { m } from '../paraglide/messages.js';
import { problemWords } from './problem-words.ts';
import { statusName } from './status-words.ts';

const kinds: Readonly<Record<string, () => string>> = {
	unlink: m.bulk_kind_unlink,
	retry: m.bulk_kind_retry,
	push: m.bulk_kind_push,
	pull: m.bulk_kind_pull,
	'undo-unlink': m.bulk_kind_undo_unlink,
	accept: m.bulk_kind_accept,
	'undo-accept': m.bulk_kind_undo_accept
};

/** What a bulk job does, in a word or two. */
export function bulkKind(kind: string): string {
	return kinds[kind]?.() ?? kind;
}

/** "1 link", "12,345 links" */
export function linksCounted(links: number): string {
	return links === 1 ? m.bulk_links_one() : m.bulk_links_n({ n: formatCount(links) });
}

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
