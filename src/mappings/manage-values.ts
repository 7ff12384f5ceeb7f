import { z } from 'zod';
import * as store from '#src/store/save-values.ts';
import { guarded, id, text } from './guarded.ts';

const value = text(500).trim().min(1, 'must not be empty');
/** As in the settings of a field: `tax-class`. */
export const valueTableName = z
	.string()
	.regex(/^[a-z][a-z0-9-]{0,59}$/, 'small letters, digits and "-", such as "tax-class"');

/** Changes a value table of a channel; whatever waited for one of its values goes on. */
export const saveValues = guarded(
	'manage-channel',
	{
		channelId: id,
		table: valueTableName,
		added: z.array(z.strictObject({ ours: value, theirs: value })).max(store.pairsAtMost),
		removed: z.array(id).max(store.pairsAtMost)
	},
	store.saveValues
);
