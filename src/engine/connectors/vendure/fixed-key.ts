import type { Fields } from '#src/sync/fields.ts';
import type { ExternalRecord } from '../connector.ts';
import { ConnectorError } from '../error.ts';

/** Refuses a write that would make a record that of another product, list or warehouse. Throws `rejected`. */
export function refuseOtherKey(record: ExternalRecord, written: Fields, names: readonly string[]): void {
	const moved = names.some((name) => written[name] !== undefined && written[name] !== record.fields[name]);
	if (!moved) return;
	const reply = 'What belongs to a variant of Vendure cannot become that of another one.';
	throw new ConnectorError('rejected', { hint: `${reply} Unlink the two, and link ours to the right one.`, reply });
}
