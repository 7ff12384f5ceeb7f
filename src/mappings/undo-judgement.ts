import * as store from '#src/store/undo-judgement.ts';
import { entityName, externalId, guarded, id, variantId } from './guarded.ts';

/** Takes back that two were linked by hand, or that a suggestion was accepted or rejected. */
export const undoJudgement = guarded(
	'link',
	{ channelId: id, entity: entityName, internalId: id, externalId, variantId },
	store.undoJudgement
);
