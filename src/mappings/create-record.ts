import { z } from 'zod';
import type { Db } from '#src/db/client.ts';
import { entityIn } from '#src/store/custom-fields.ts';
import * as store from '#src/store/save-record.ts';
import { entityName, guarded, text, value } from './guarded.ts';
import { recordFields } from './record-fields.ts';
import { isRefusal } from './save-record.ts';

/** Adds a record of ours. */
export const createRecord = guarded(
	'edit-record',
	{ entity: entityName, fields: z.record(text(80), value) },
	async (db: Db, input: store.CreateRecordInput): Promise<store.CreateRecordResult> => {
		const entity = await entityIn(db, input.entity);
		const fields = entity ? recordFields(entity, input.fields, true) : input.fields;
		return isRefusal(fields) ? fields : store.createRecord(db, { ...input, fields });
	}
);
