import { createHash } from 'node:crypto';
import { canonical, type FieldType, type Value } from '#src/sync/fields.ts';

const digestLength = 12;

/** What a person saw of a conflict, in 12 letters: both values, in the form in which values are compared. */
export function conflictDigest(type: FieldType, sides: { internal: Value; external: Value }): string {
	const seen = JSON.stringify([canonical(type, sides.internal), canonical(type, sides.external)]);
	return createHash('sha256').update(seen).digest('base64url').slice(0, digestLength);
}
