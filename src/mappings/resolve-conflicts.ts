import { z } from 'zod';
import * as store from '#src/store/resolve-conflicts.ts';
import { entityName, guarded, id, text } from './guarded.ts';

const choices = z.record(text(80), z.enum(['internal', 'external'], 'choose one of the two sides'));

/** Settles conflicts field by field, as the person saw them. */
export const resolveConflicts = guarded(
	'resolve',
	{ entity: entityName, linkId: id, choices, internalRev: text(40), externalVersion: text(1000) },
	store.resolveConflicts
);
