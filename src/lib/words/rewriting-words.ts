import { m } from '#src/lib/paraglide/messages.js';
import type { Rewriting } from '#src/sync/rewriting.ts';

/** What a channel does to a value, as the end of a sentence about it. */
export function rewritingWords(rewriting: Rewriting): string {
	switch (rewriting.kind) {
		case 'spaces':
			return m.rewriting_spaces();
		case 'upper':
			return m.rewriting_upper();
		case 'lower':
			return m.rewriting_lower();
		case 'mark-up':
			return m.rewriting_mark_up();
		case 'round':
			return m.rewriting_round({ digits: rewriting.digits });
		case 'cut':
			return m.rewriting_cut({ length: rewriting.length });
	}
}
