import { ConnectorError, type ConnectorErrorKind } from './error.ts';
import { readableReply } from './parse-json.ts';
import { beginning } from './plain-text.ts';
import type { HttpReply } from './transport.ts';

const kindOfStatus: Readonly<Record<number, ConnectorErrorKind>> = {
	401: 'unauthorized',
	403: 'unauthorized',
	404: 'missing',
	408: 'unreachable',
	409: 'duplicate',
	410: 'missing',
	412: 'conflict',
	425: 'rate-limited',
	429: 'rate-limited'
};

/** The meaning of a status for all HTTP channels, or null for success (2xx). */
export function kindForStatus(status: number): ConnectorErrorKind | null {
	if (status >= 200 && status < 300) return null;
	if (status >= 500) return 'unreachable';
	if (status < 400) return 'misconfigured';
	return kindOfStatus[status] ?? 'rejected';
}

/**
 * The error for an answer that is no success. `from` names the channel's host in the hint; `words` are the channel's
 * own words where the connector can find them better than as plain text of the body; `kind` what it means where that
 * is not told by its status.
 */
export function errorForStatus(
	reply: HttpReply,
	from: string,
	words?: string,
	kind: ConnectorErrorKind = kindForStatus(reply.status) ?? 'invalid-reply'
): ConnectorError {
	const said = words ?? readableReply(reply.text);
	return new ConnectorError(kind, {
		hint: hintFor(kind, reply, from, said),
		...(said === '' ? {} : { reply: said }),
		...(reply.retryAfterMs === undefined ? {} : { retryAfterMs: reply.retryAfterMs })
	});
}

function hintFor(kind: ConnectorErrorKind, reply: HttpReply, from: string, said: string): string {
	const quoted = said === '' ? '' : `: "${beginning(said, 200)}"`;
	switch (kind) {
		case 'unauthorized':
			return `${from} refused the credentials (${reply.status}). Renew the key of this channel and check its rights.`;
		case 'missing':
			return `${from} does not have this record.`;
		case 'duplicate':
			return `${from} already has a record with the same unique value${quoted}.`;
		case 'conflict':
			return `${from} did not write: somebody changed the record in between. It will be compared again.`;
		case 'rejected':
			return `${from} refuses these values (${reply.status})${quoted}. Correct the record and sync it again.`;
		case 'rate-limited':
			return `${from} asked to slow down. The run goes on later by itself.`;
		case 'misconfigured':
			return `${from} answered with a redirect (${reply.status}). Correct the address of this channel.`;
		default:
			return `${from} has a problem of its own (${reply.status})${quoted}. It will be tried again.`;
	}
}
