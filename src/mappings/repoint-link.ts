import { z } from 'zod';
import * as store from '#src/store/repoint-link.ts';
import { entityName, externalId, guarded, id, variantId } from './guarded.ts';

/** Makes a link mean another record of the same channel. */
export const repointLink = guarded(
	'link',
	{ entity: entityName, linkId: id, externalId, variantId, override: z.boolean().optional() },
	store.repointLink
);
