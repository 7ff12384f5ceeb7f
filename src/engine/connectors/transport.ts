import type { SendBy } from './connector.ts';

/** One HTTP exchange as a connector asks for it. */
export type HttpRequest = {
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	url: string;
	headers?: Readonly<Record<string, string>>;
	body?: string;
	signal?: AbortSignal | undefined;
	/** Not sent after this moment (monotonic milliseconds): the call fails with `expired`. */
	sendBy?: SendBy | undefined;
	/** Total time for the answer, default 10,000. */
	timeoutMs?: number;
	/** Cap of the decoded body, default 16 MiB. More fails with `invalid-reply`. */
	maxBytes?: number;
	/** Reply header that tells the channel's time more finely than `Date` (ISO 8601 or epoch milliseconds). */
	clockHeader?: string | undefined;
	/** The answer comes from another machine than the channel: its time is not the channel's. */
	hasOtherClock?: boolean;
};

export type HttpReply = {
	status: number;
	/** By lower-case name. Several `Set-Cookie` are one, a line for each. */
	headers: Readonly<Record<string, string>>;
	text: string;
	/** What `Retry-After` asks for, in either of its forms; absent where the reply has none. */
	retryAfterMs?: number;
};

/**
 * Sends one request and reads the whole answer; follows no redirect, retries nothing.
 * Throws ConnectorError `expired` (not sent), `unreachable` (no or broken answer), `invalid-reply` (too large or not
 * UTF-8), `misconfigured` (the URL is none). Every status is returned; the connector gives it its meaning.
 */
export type Transport = (request: HttpRequest) => Promise<HttpReply>;
