import { z } from 'zod';
import type { Fields } from '#src/sync/fields.ts';
import type { CallOptions, WriteReply } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { AdminApi } from './admin-api.ts';
import { stampSchema, type VendureState, versionOf } from './entity.ts';
import { parsed } from './reply-error.ts';

const writeSchema = z.object({
	write: z.object({
		outcome: z.enum(['written', 'moved', 'missing', 'email-taken']),
		updatedAt: stampSchema.nullable(),
		state: z.record(z.string(), z.unknown()).nullable()
	})
});

/**
 * A write through our plugin, which compares the state that was read with the one under its lock, and tells the state
 * that the write left. Throws `conflict`, `missing`, `duplicate` and what any call may throw.
 */
export async function guardedWrite<State extends VendureState>(
	document: string,
	variables: object,
	api: AdminApi,
	options: CallOptions | undefined,
	left: { schema: z.ZodType<State>; fieldsOf: (state: State) => { fields: Fields } }
): Promise<WriteReply> {
	const data = await api.ask({ document, purpose: 'write' }, variables, options);
	const { outcome, updatedAt, state } = parsed(writeSchema, data, api.from, 'a write').write;
	if (outcome === 'moved') throw moved(api.from);
	if (outcome === 'missing') throw missing(api.from);
	if (outcome === 'email-taken') throw emailTaken(api.from);
	if (state === null) return { version: null, stamp: updatedAt, fields: null };
	const checked = parsed(left.schema, state, api.from, 'a write');
	return { version: versionOf(checked), stamp: updatedAt, fields: left.fieldsOf(checked).fields };
}

export function moved(from: string): ConnectorError {
	const hint = `${from} has a newer state of this record than the one that was compared. It will be compared again.`;
	return new ConnectorError('conflict', { hint });
}

export function missing(from: string): ConnectorError {
	return new ConnectorError('missing', { hint: `${from} does not have this record any more.` });
}

export function emailTaken(from: string): ConnectorError {
	const hint = `${from} already has a customer with this e-mail address. Link that one, or change one of the addresses.`;
	return new ConnectorError('duplicate', { hint });
}
