import { z } from 'zod';
import type { Db } from '#src/db/client.ts';
import { entityIn } from '#src/store/custom-fields.ts';
import * as store from '#src/store/save-record.ts';
import { entityName, guarded, id, text, value, type Acting } from './guarded.ts';
import { recordFields } from './record-fields.ts';

const checked = guarded(
	'edit-record',
	{ entity: entityName, id, rev: id, fields: z.record(text(80), value) },
	async (db: Db, input: store.SaveRecordInput): Promise<store.SaveRecordResult> => {
		const entity = await entityIn(db, input.entity);
		const fields = entity ? recordFields(entity, input.fields, false) : input.fields;
		return isRefusal(fields) ? fields : store.saveRecord(db, { ...input, fields });
	}
);

/** Changes fields of one of our records if its revision is still the one on the screen. */
export async function saveRecord(db: Db, input: store.SaveRecordInput & Acting): Promise<store.SaveRecordResult> {
	return checked(db, input);
}

/** Tells a refusal from fields, whose values are never objects. */
export function isRefusal<T extends object>(result: T): result is Extract<T, { ok: false; kind: unknown }> {
	return 'kind' in result && 'hint' in result && 'ok' in result && result.ok === false;
}
