import { z } from 'zod';
import * as store from '#src/store/link-records.ts';
import { entityName, externalId, guarded, id, variantId } from './guarded.ts';

/** Links one of our records to one of the channel's. `override`: although a person set one of them aside. */
export const linkRecords = guarded(
	'link',
	{
		channelId: id,
		entity: entityName,
		internalId: id,
		externalId,
		variantId,
		isPrimary: z.boolean().optional(),
		override: z.boolean().optional()
	},
	store.linkRecords
);
