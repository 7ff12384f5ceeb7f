import { ConnectorError, type ConnectorErrorKind } from '../error.ts';
import { errorForStatus } from '../error-for-status.ts';
import { readableReply } from '../parse-json.ts';
import type { HttpReply } from '../transport.ts';

/**
 * What a status other than 2xx of a call means. Tryton answers nearly everything with 200; what is left comes from its
 * dispatcher or from a proxy. 401 never gets here: rpc.ts logs in again first.
 */
export function errorOfStatus(reply: HttpReply, from: string, method: string): ConnectorError {
	const said = readableReply(reply.text);
	if (reply.status === 403) {
		return notOffered(from, method, said);
	}
	if (reply.status === 404 || reply.status === 405) return noDatabase(from, said);
	if (reply.status === 400) {
		const hint = `${from} did not understand a call. Check that it is a Tryton 6 server.`;
		return new ConnectorError('invalid-reply', { hint, reply: said });
	}
	return errorForStatus(reply, from, said);
}

/** What the `error` of a reply with status 200 means: [kind, [message, description, domain]] or [text, trace]. */
export function errorOfBody(error: unknown, from: string, method: string): ConnectorError {
	const [kind, detail] = Array.isArray(error) ? (error as readonly unknown[]) : [error];
	const name = typeof kind === 'string' ? kind : '';
	const message = readableReply(messageOf(detail) || name);
	const fail = (as: ConnectorErrorKind, hint: string) => new ConnectorError(as, { hint, reply: message });
	switch (name) {
		case 'UserError':
			return fail('rejected', `${from} refuses this: ${message} Correct the record and sync it again.`);
		case 'UserWarning':
			return fail('rejected', `${from} wants a person to confirm a warning: ${message} Make this change there.`);
		case 'ConcurrencyException':
			return fail(
				'conflict',
				`${from} did not write: somebody changed the record in between. It will be compared again.`
			);
		case 'LoginException':
			return fail('unauthorized', `${from} asks for another login. Renew the password of this channel.`);
		default:
			return errorOfText(name, from, method);
	}
}

/** Exceptions that nobody planned for arrive as their bare text, whatever they were; the transaction is rolled back. */
function errorOfText(text: string, from: string, method: string): ConnectorError {
	const reply = readableReply(text);
	if (method.startsWith(`model.${text.replaceAll("'", '')}.`)) return notOffered(from, method, reply);
	if (
		/could not serialize access|deadlock detected|lock timeout|database is locked|connection|server closed/i.test(text)
	) {
		const hint = `${from} was too busy to finish ${method}. It will be tried again.`;
		return new ConnectorError('unreachable', { hint, reply });
	}
	if (/^Database .* doesn't exist|database ".*" does not exist/i.test(text)) return noDatabase(from, reply);
	const hint = `${from} failed inside ${method} (${reply.slice(0, 100)}). Check that its modules and version are supported.`;
	return new ConnectorError('invalid-reply', { hint, reply });
}

/** A model that is not there arrives as its bare name. */
function notOffered(from: string, method: string, reply: string): ConnectorError {
	const hint = `${from} does not offer ${method}. Activate ${moduleOf(method)} there, and check the rights of the channel's user.`;
	return new ConnectorError('misconfigured', { hint, reply });
}

function noDatabase(from: string, reply: string): ConnectorError {
	return new ConnectorError('misconfigured', {
		hint: `${from} has no such database. Correct the address and the database of this channel.`,
		reply
	});
}

function messageOf(detail: unknown): string {
	const parts: readonly unknown[] = Array.isArray(detail) ? detail.slice(0, 2) : [detail];
	return parts.filter((part) => typeof part === 'string' && part !== '').join(' ');
}

function moduleOf(method: string): string {
	if (method.startsWith('model.stock.')) return 'the module stock';
	if (method.startsWith('model.sale.')) return 'the module sale';
	if (method.startsWith('model.product.price_list')) return 'the module product_price_list';
	return 'the modules party and product';
}
