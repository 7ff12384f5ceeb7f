import * as store from '#src/store/judge-suggestion.ts';
import { guarded, id } from './guarded.ts';

/** Links a suggested pair. */
export const acceptSuggestion = guarded('link', { suggestionId: id }, store.acceptSuggestion);
