import { ConnectorError } from './error.ts';
import { isoUtc } from './iso-time.ts';
import type { HttpReply, HttpRequest, Transport } from './transport.ts';

/** What one reply tells about the channel's clock. All times in wall milliseconds since the epoch. */
export type ServerDate = {
	/** Our clock right before the request and right after the reply's headers. */
	sentAt: number;
	receivedAt: number;
	/** The channel's clock, somewhere between the two. */
	serverDate: number;
	/** Smallest step of `serverDate`: 1,000 for the `Date` header. */
	resolutionMs: number;
};

export type TransportPorts = {
	fetch: typeof fetch;
	/** Milliseconds of the clock that `sendBy` is measured on. */
	monotonicNow: () => number;
	/** Milliseconds since the epoch. */
	wallNow: () => number;
	/** Told for every reply that carries a server time, so that the engine can measure the channel's clock. */
	onServerDate?: (host: string, date: ServerDate) => void;
};

const defaultTimeoutMs = 10_000;
const defaultMaxBytes = 16 * 1024 * 1024;
const firstBytes = 16 * 1024;
/** Whatever a channel asks for, it is looked at again after a day. */
const longestRetryAfterMs = 86_400_000;

/**
 * Makes the transport that all HTTP connectors share: one exchange, deadline checked right before the request goes
 * out, total time and decompressed size bounded, no redirect followed, nothing retried, no secret in an error.
 */
export function createTransport(ports: TransportPorts): Transport {
	return async function send(request) {
		const host = hostOf(request.url);
		const flight = new AbortController();
		const abort = () => flight.abort(request.signal?.reason);
		const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
		const timer = setTimeout(() => flight.abort(new TimedOut(timeoutMs)), timeoutMs);
		request.signal?.addEventListener('abort', abort, { once: true });
		try {
			return await exchange(ports, request, host, flight.signal);
		} catch (cause) {
			if (cause instanceof ConnectorError) throw cause;
			throw unreachable(host, flight.signal.aborted ? flight.signal.reason : cause);
		} finally {
			clearTimeout(timer);
			request.signal?.removeEventListener('abort', abort);
		}
	};
}

async function exchange(
	ports: TransportPorts,
	request: HttpRequest,
	host: string,
	signal: AbortSignal
): Promise<HttpReply> {
	if (request.signal?.aborted) throw notSent('The call was cancelled before it was sent.');
	const sentAt = ports.wallNow();
	// Nothing may stand between this check and fetch: an unlinked record must not be called late.
	if (request.sendBy !== undefined && ports.monotonicNow() > request.sendBy) {
		throw notSent('The time for this call ran out before it was sent; the next run takes it up again.');
	}
	const response = await ports.fetch(request.url, {
		method: request.method,
		headers: { ...request.headers },
		redirect: 'manual',
		signal,
		...(request.body === undefined ? {} : { body: request.body })
	});
	const receivedAt = ports.wallNow();
	const headers: Record<string, string> = Object.fromEntries(response.headers);
	if (headers['set-cookie'] !== undefined) headers['set-cookie'] = response.headers.getSetCookie().join('\n');
	const date = request.hasOtherClock ? null : serverDateOf(headers, request.clockHeader);
	if (date) ports.onServerDate?.(host, { sentAt, receivedAt, ...date });
	const bytes = await readBody(response, host, request.maxBytes ?? defaultMaxBytes);
	const retryAfter = retryAfterMs(headers, receivedAt);
	const text = decodeUtf8(bytes, response.ok, host);
	return { status: response.status, headers, text, ...(retryAfter === null ? {} : { retryAfterMs: retryAfter }) };
}

/**
 * What `Retry-After` asks for in milliseconds, from now: seconds or an HTTP date. A date is measured against the
 * reply's own `Date` where it has one, so that a skewed channel clock does no harm; `now` in wall milliseconds is
 * used otherwise. At most a day. Null where the header is missing or makes no sense.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | null {
	const text = headers['retry-after']?.trim() ?? '';
	if (/^\d+(\.\d+)?$/.test(text)) return Math.min(longestRetryAfterMs, Math.round(Number(text) * 1000));
	const until = httpDateMs(text);
	if (until === null) return null;
	return Math.min(longestRetryAfterMs, Math.max(0, until - (httpDateMs(headers['date'] ?? '') ?? now)));
}

const endOfTimeMs = Date.UTC(10_000, 0);

/** Milliseconds of a date in HTTP's present or older forms, null for anything else. Never read in this process's zone. */
function httpDateMs(text: string): number | null {
	const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/.test(text);
	if (!asctime && !/^[A-Z][a-z]{2,8}, \d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d GMT$/.test(text)) return null;
	return momentMs(Date.parse(asctime ? `${text} GMT` : text));
}

function momentMs(ms: number): number | null {
	return ms >= 0 && ms < endOfTimeMs ? ms : null;
}

/** Host and port of a URL, for messages: never its user, path or query. Throws `misconfigured` when it is no HTTP URL. */
export function hostOf(url: string): string {
	const parsed = URL.parse(url);
	if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
		throw new ConnectorError('misconfigured', {
			hint: 'Correct the address of this channel: it is not an http(s) URL.'
		});
	}
	return parsed.host;
}

/**
 * The channel's time in a reply: from `clockHeader` (ISO text or milliseconds) where the channel sends that, else from
 * `Date`. Null where there is neither.
 */
export function serverDateOf(headers: Readonly<Record<string, string>>, clockHeader: string | undefined) {
	const fine = clockHeader === undefined ? undefined : headers[clockHeader.toLowerCase()];
	if (fine !== undefined) {
		const serverDate = momentMs(/^\d+$/.test(fine) ? Number(fine) : Date.parse(isoUtc(fine) ?? ''));
		if (serverDate !== null) return { serverDate, resolutionMs: 1 };
	}
	const serverDate = httpDateMs(headers['date'] ?? '');
	return serverDate === null ? null : { serverDate, resolutionMs: 1000 };
}

/**
 * Counts what comes out of the decompressor, so that a small bomb cannot fill the memory. Everything goes into one
 * growing buffer: a list of chunks would take a hundred times the memory of a body that comes byte by byte.
 */
async function readBody(response: Response, host: string, maxBytes: number): Promise<Uint8Array> {
	let bytes = Buffer.allocUnsafeSlow(0);
	let length = 0;
	if (response.body) {
		for await (const chunk of response.body) {
			const end = length + chunk.byteLength;
			// Leaving the loop cancels the stream and closes the connection.
			if (end > maxBytes) {
				const hint = `${host} sent more than ${maxBytes} bytes in one answer; lower the page size of this channel.`;
				throw new ConnectorError('invalid-reply', { hint });
			}
			if (end > bytes.length) {
				const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(firstBytes, 2 * end)));
				bytes.copy(larger, 0, 0, length);
				bytes = larger;
			}
			bytes.set(chunk, length);
			length = end;
		}
	}
	return bytes.subarray(0, length);
}

/** A good answer must be valid UTF-8, since a replacement character would be an invented value; an error page may be anything. */
function decodeUtf8(bytes: Uint8Array, strict: boolean, host: string): string {
	try {
		return new TextDecoder('utf-8', { fatal: strict }).decode(bytes);
	} catch (cause) {
		throw new ConnectorError('invalid-reply', { hint: `${host} sent an answer that is not UTF-8 text.`, cause });
	}
}

class TimedOut extends Error {
	constructor(timeoutMs: number) {
		super(`no answer within ${timeoutMs} ms`);
	}
}

function notSent(hint: string): ConnectorError {
	return new ConnectorError('expired', { hint });
}

function unreachable(host: string, cause: unknown): ConnectorError {
	const hint = `${host} did not answer (${reasonOf(cause)}). Check that the system is running and the address is right.`;
	// The cause of a failed fetch may hold the request's headers, hence only its words are kept.
	const code = codeOf(cause);
	return new ConnectorError('unreachable', { hint, ...(code === undefined ? {} : { code }) });
}

function codeOf(cause: unknown): string | undefined {
	if (cause instanceof TimedOut) return 'ETIMEDOUT';
	const inner: unknown = cause instanceof Error ? (cause.cause ?? cause) : undefined;
	const code = typeof inner === 'object' && inner !== null && 'code' in inner ? inner.code : undefined;
	return typeof code === 'string' ? code : undefined;
}

function reasonOf(cause: unknown): string {
	if (cause instanceof TimedOut) return cause.message;
	if (!(cause instanceof Error)) return 'the call was cancelled';
	if (cause.name === 'AbortError') return 'the call was cancelled';
	return codeOf(cause) ?? 'the connection broke';
}
