import { m } from '../paraglide/messages.js';
import type { Tone } from '../ui/tone.ts';

/** What a link's state looks like: colour by tone, never by colour alone. */
export type StatusLook = {
	word: string;
	tone: Tone;
	icon:
		'check' | 'clock' | 'conflict' | 'retry' | 'aside' | 'missing' | 'unlinked' | 'question' | 'suggested' | 'excluded';
};

export type LinkState = { status: string; waiting?: string | null; problem?: { kind: string } | null };

/** The state of a link in an operator's words, naming the channel where it matters. */
export function statusLook(link: LinkState, channel: string): StatusLook {
	switch (link.status) {
		case 'in-sync':
			return { word: m.status_in_sync(), tone: 'good', icon: 'check' };
		case 'pending':
			return { word: waitingWord(link.waiting ?? null, channel), tone: 'info', icon: 'clock' };
		case 'awaiting':
			return { word: m.status_awaiting(), tone: 'info', icon: 'clock' };
		case 'conflict':
			return { word: m.status_conflict(), tone: 'warn', icon: 'conflict' };
		case 'failed':
			return { word: m.status_failed(), tone: 'warn', icon: 'retry' };
		case 'quarantined':
			return { word: m.status_quarantined(), tone: 'bad', icon: 'aside' };
		case 'orphan':
			return { word: missingWord(link.problem?.kind, channel), tone: 'bad', icon: 'missing' };
		case 'suggested':
			return { word: m.status_suggested(), tone: 'info', icon: 'suggested' };
		case 'excluded':
			return { word: m.status_excluded(), tone: 'idle', icon: 'excluded' };
		case 'creating':
			return { word: m.status_creating(), tone: 'info', icon: 'question' };
		default:
			return { word: m.status_not_linked(), tone: 'idle', icon: 'unlinked' };
	}
}

/** The name of a status as a filter, where no single link is meant. */
export function statusName(status: string, channel?: string): string {
	if (status === 'pending') return m.status_pending();
	if (status === 'orphan') return channel === undefined ? m.status_orphan() : m.status_missing_in({ channel });
	return statusLook({ status }, channel ?? '').word;
}

function waitingWord(waiting: string | null, channel: string): string {
	if (waiting === 'push') return m.status_waiting_push({ channel });
	if (waiting === 'pull') return m.status_waiting_pull();
	if (waiting === 'merge') return m.status_waiting_merge();
	return m.status_pending();
}

function missingWord(kind: string | undefined, channel: string): string {
	return kind === 'missing-internal' ? m.status_missing_here() : m.status_missing_in({ channel });
}
