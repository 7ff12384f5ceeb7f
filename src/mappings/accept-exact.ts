import { z } from 'zod';
import * as store from '#src/store/accept-exact.ts';
import { entityName, guarded, id } from './guarded.ts';

const most = 500;

/** Links the next suggestions that are exact and unique; show `exactSuggestions` before. */
export const acceptExact = guarded(
	'link',
	{
		channelId: id,
		entity: entityName,
		afterId: id,
		uptoId: id,
		limit: z.number().int().min(1).max(most),
		jobId: id.nullable()
	},
	store.acceptExact
);
