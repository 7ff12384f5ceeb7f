import { ConnectorError } from '../error.ts';
import type { AdminApi } from './admin-api.ts';

/** The failure of a later one of several writes to one record. */
export function halfWritten({ from }: AdminApi, cause: ConnectorError): ConnectorError {
	const hint = `${from} took a part of this write and not the rest: ${cause.hint} It will be compared again.`;
	return new ConnectorError('unreachable', {
		hint,
		cause,
		...(cause.reply !== undefined && { reply: cause.reply }),
		...(cause.retryAfterMs !== undefined && { retryAfterMs: cause.retryAfterMs })
	});
}
