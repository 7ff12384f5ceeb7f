import { m } from '#src/lib/paraglide/messages.js';
import type { LinkDetail } from '#src/mappings/read-link.ts';

/** What an engineer wants to see of a link's state. */
export function technicalItems(link: LinkDetail): { label: string; value: string | null }[] {
	return [
		{ label: m.technical_link(), value: link.id },
		{ label: m.technical_our_revision(), value: link.internal?.rev ?? null },
		{ label: m.technical_seen_revision(), value: link.internalVersion },
		{ label: m.technical_their_version(), value: link.externalVersion },
		{ label: m.technical_their_stamp(), value: link.externalStamp },
		{ label: m.technical_fingerprint(), value: link.codecFingerprint },
		{ label: m.technical_unconfirmed(), value: link.unconfirmed.join(', ') || null },
		{ label: m.technical_pending(), value: link.pendingWrite?.attempts.at(-1)?.tag ?? null },
		{ label: m.technical_sequence(), value: `${link.cleanSeq} / ${link.dirtySeq}` },
		{ label: m.technical_state_revision(), value: link.stateRev },
		{ label: m.technical_tries(), value: String(link.tries) },
		{ label: m.technical_retry_at(), value: link.retryAt }
	];
}
