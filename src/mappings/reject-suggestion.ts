import * as store from '#src/store/judge-suggestion.ts';
import { guarded, id, reason } from './guarded.ts';

/** These two are never suggested again. */
export const rejectSuggestion = guarded(
	'link',
	{ suggestionId: id, reason: reason.optional() },
	store.rejectSuggestion
);
