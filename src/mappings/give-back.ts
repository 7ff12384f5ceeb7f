import { z } from 'zod';
import * as store from '#src/store/give-back.ts';
import { guarded, id, text } from './guarded.ts';

/** Undoes one write that the journal holds. */
export const giveBack = guarded(
	'resolve',
	{ decisionId: id, field: text(80).min(1), side: z.enum(['internal', 'external']) },
	store.giveBack
);

export const standsStill = store.standsStill;
