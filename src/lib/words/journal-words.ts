import { m } from '../paraglide/messages.js';

/** What happened, from the literal of the journal, naming the channel. */
export function journalWords(action: string, channel: string): string {
	return actions[action]?.(channel) ?? m.journal_other({ action: action.replaceAll('-', ' ') });
}

const actions: Readonly<Record<string, (channel: string) => string>> = {
	link: (channel) => m.journal_link({ channel }),
	unlink: (channel) => m.journal_unlink({ channel }),
	'undo-unlink': (channel) => m.journal_undo_unlink({ channel }),
	restore: (channel) => m.journal_restore({ channel }),
	'undo-accept': () => m.journal_undo_accept(),
	'undo-reject': () => m.journal_undo_reject(),
	'undo-link': () => m.journal_undo_link(),
	reject: () => m.journal_reject(),
	repoint: (channel) => m.journal_repoint({ channel }),
	'make-primary': (channel) => m.journal_make_primary({ channel }),
	'make-secondary': (channel) => m.journal_make_secondary({ channel }),
	pull: (channel) => m.journal_pull({ channel }),
	push: (channel) => m.journal_push({ channel }),
	merge: (channel) => m.journal_merge({ channel }),
	conflict: () => m.journal_conflict(),
	await: () => m.journal_await(),
	agree: (channel) => m.journal_agree({ channel }),
	'create-internal': (channel) => m.journal_create_internal({ channel }),
	'create-external': (channel) => m.journal_create_external({ channel }),
	adopt: (channel) => m.journal_adopt({ channel }),
	orphan: (channel) => m.journal_orphan({ channel }),
	resolve: () => m.journal_resolve(),
	'take-other': () => m.journal_take_other(),
	'take-other-value': () => m.journal_take_other(),
	'give-back': () => m.journal_give_back(),
	quarantine: () => m.journal_quarantine(),
	retry: () => m.journal_retry(),
	edit: () => m.journal_edit(),
	'save-record': () => m.journal_edit(),
	'create-record': () => m.journal_create_record()
};
