import type { z } from 'zod';
import { ConnectorError, type ConnectorErrorKind } from '../error.ts';
import { errorForStatus } from '../error-for-status.ts';
import { beginning } from '../plain-text.ts';
import type { HttpReply } from '../transport.ts';

/** One entry of `errors` in a GraphQL answer; without an alias it concerns the whole call, of which nothing was performed. */
export type GraphqlError = { message: string; code: string | undefined; alias: string | undefined };

/** Whether a call reads or writes: refused values are a record's fault in a write, and ours in a read. */
export type Purpose = 'read' | 'write';

/** What the database below Vendure says about values, in the words of PostgreSQL, MySQL and SQLite. */
const takenValue = /duplicate key|unique constraint|duplicate entry/i;
const refusedValue = /violates|out of range|too long|invalid input syntax|constraint failed|cannot be null/i;

const refusals: ReadonlySet<string> = new Set(['USER_INPUT_ERROR', 'BAD_USER_INPUT', 'ILLEGAL_OPERATION']);

/** Whether the answer says that nobody, or somebody without the right, asked. */
export function isForbidden({ code }: GraphqlError): boolean {
	return code === 'FORBIDDEN' || code === 'UNAUTHORIZED';
}

/** The meaning of `errors[0]`, which Vendure sends with status 200 or 400. */
export function errorOfGraphql({ message, code }: GraphqlError, from: string, purpose: Purpose): ConnectorError {
	const said = beginning(message, 200);
	const error = (kind: ConnectorErrorKind, hint: string) => new ConnectorError(kind, { hint, reply: message });
	if (code === 'ENTITY_NOT_FOUND') return error('missing', `${from} does not have this record any more.`);
	if (code === 'CHANNEL_NOT_FOUND')
		return error('misconfigured', `${from} has no channel with this token. Correct the channel token in the settings.`);
	if (code === 'GRAPHQL_VALIDATION_FAILED' || code === 'GRAPHQL_PARSE_FAILED')
		return error(
			'misconfigured',
			`${from} does not know this call ("${said}"). Check that it is Vendure 3 and its Admin API.`
		);
	if (purpose === 'write' && takenValue.test(message))
		return error('duplicate', `${from} already has a record with the same unique value.`);
	if (purpose === 'write' && (refusals.has(code ?? '') || refusedValue.test(message)))
		return error('rejected', `${from} refuses these values ("${said}"). Correct the record and sync it again.`);
	if (refusals.has(code ?? ''))
		return error(
			'misconfigured',
			`${from} refuses a question ("${said}"). Check the settings of this channel and the limits of that server.`
		);
	return error('unreachable', `${from} has a problem of its own ("${said}"). It will be tried again.`);
}

/** The meaning of an answer without a GraphQL body. */
export function errorOfStatus(reply: HttpReply, from: string): ConnectorError {
	if (reply.status === 404) {
		const hint = `${from} has no Admin API at this address. Correct the address of this channel.`;
		return new ConnectorError('misconfigured', { hint });
	}
	if (reply.status === 400) {
		const hint = `${from} did not understand a call. Check that the address leads to the Admin API of Vendure 3.`;
		return new ConnectorError('invalid-reply', { hint });
	}
	return errorForStatus(reply, from);
}

/** Checks an answer at the door. Throws `invalid-reply` that names the first thing that is not as expected. */
export function parsed<Schema extends z.ZodType>(
	schema: Schema,
	value: unknown,
	from: string,
	asked: string
): z.output<Schema> {
	const outcome = schema.safeParse(value);
	if (outcome.success) return outcome.data;
	const issue = outcome.error.issues[0];
	throw invalidReply(from, asked, issue ? `${issue.path.join('.') || 'all of it'}: ${issue.message}` : 'unknown form');
}

export function invalidReply(from: string, asked: string, what: string): ConnectorError {
	const hint = `${from} answered ${asked} in an unknown way (${what}). Check that the address leads to Vendure 3.`;
	return new ConnectorError('invalid-reply', { hint });
}
