import { z } from 'zod';
import type { Fields } from '#src/sync/fields.ts';
import { ConnectorError } from '../error.ts';
import { stampSchema, type VendureState, versionOf } from './entity.ts';
import { type Mutation, type PlannedWrite, untold } from './planned-write.ts';
import { parsed } from './reply-error.ts';

const writeSchema = z.object({
	outcome: z.enum(['written', 'moved', 'missing', 'email-taken']),
	updatedAt: stampSchema.nullable(),
	state: z.record(z.string(), z.unknown()).nullable()
});

/**
 * A write by a mutation of our plugin, which compares the state that was read with the one under its lock, and tells the state
 * that the write left. Its answer throws `conflict`, `missing` and `duplicate`.
 */
export function guardedWrite<State extends VendureState>(
	{ field, types, values }: Pick<Mutation, 'field' | 'types' | 'values'>,
	{ state: before, guarded }: { state: State; guarded: boolean },
	from: string,
	left: { schema: z.ZodType<State>; fieldsOf: (state: State) => { fields: Fields } | null }
): PlannedWrite {
	const mutation: Mutation = {
		field,
		types: { check: 'Boolean!', state: 'JSON!', ...types },
		values: { check: guarded, state: before, ...values },
		selection: 'outcome updatedAt state'
	};
	return {
		mutations: [mutation],
		replyOf(answer) {
			const { outcome, updatedAt, state } = parsed(writeSchema, answer, from, 'a write');
			if (outcome === 'moved') throw moved(from);
			if (outcome === 'missing') throw missing(from);
			if (outcome === 'email-taken') throw emailTaken(from);
			if (state === null) return { ...untold, stamp: updatedAt };
			const checked = parsed(left.schema, state, from, 'a write');
			return { version: versionOf(checked), stamp: updatedAt, fields: left.fieldsOf(checked)?.fields ?? null };
		}
	};
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
