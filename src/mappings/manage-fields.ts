import { z } from 'zod';
import { customFieldTypes } from '#src/entities/custom-fields.ts';
import * as store from '#src/store/save-custom-fields.ts';
import { entityName, guarded, text } from './guarded.ts';

const name = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'small letters, digits and "_", such as "colour"');
const label = text(60).trim().min(1, 'must not be empty');
const at = { entity: entityName, name };

/** Adds a field to all records of an entity; the next runs compare it for the first time. */
export const addCustomField = guarded(
	'manage-fields',
	{
		...at,
		label,
		type: z.enum(customFieldTypes),
		maxLength: z.int().min(1).max(10_000).nullable(),
		scale: z.int().min(0).max(6).nullable()
	},
	store.addCustomField
);

/** Gives a field another label. */
export const renameCustomField = guarded('manage-fields', { ...at, label }, store.renameCustomField);

/** Ends a field; its values stay with the records. */
export const removeCustomField = guarded('manage-fields', at, store.removeCustomField);

/** Takes a removed field in again. */
export const putBackCustomField = guarded('manage-fields', at, store.putBackCustomField);
