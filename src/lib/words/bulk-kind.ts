import { formatCount } from '../format.ts';
import { m } from '../paraglide/messages.js';

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
