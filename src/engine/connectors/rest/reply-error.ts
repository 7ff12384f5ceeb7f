import type { ConnectorErrorKind } from '../error.ts';
import { kindForStatus } from '../error-for-status.ts';
import { JsonNumber, readableReply } from '../parse-json.ts';
import type { HttpReply } from '../transport.ts';
import { valueAt } from './json-place.ts';
import type { ErrorRule } from './request-settings.ts';
import type { RestSettings } from './settings.ts';

/** What an answer means by the first rule that fits, else by its status; `kind` null = success. */
export function ruleFor(
	reply: HttpReply,
	json: () => unknown,
	rules: readonly ErrorRule[]
): { kind: ConnectorErrorKind | null; retryAfterMs?: number } {
	const rule = rules.find((each) => fits(each, reply, json));
	if (!rule) return { kind: kindForStatus(reply.status) };
	return { kind: rule.kind, ...(rule.retryAfterMs !== undefined && { retryAfterMs: rule.retryAfterMs }) };
}

function fits({ status, at, is, contains }: ErrorRule, reply: HttpReply, json: () => unknown): boolean {
	if (status !== undefined && ![status].flat().includes(reply.status)) return false;
	if (at === undefined) return true;
	const value = found(json, at);
	if (is === undefined && contains === undefined) return isThere(value);
	const text = textOf(value);
	if (text === undefined) return false;
	return (is === undefined || [is].flat().includes(text)) && (contains === undefined || text.includes(contains));
}

/** An answer that is no JSON holds nothing anywhere; whoever needs its JSON finds that out. */
function found(json: () => unknown, at: string): unknown {
	try {
		return valueAt(json(), at);
	} catch {
		return undefined;
	}
}

function isThere(value: unknown): boolean {
	return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

function textOf(value: unknown): string | undefined {
	if (value instanceof JsonNumber) return value.text;
	return typeof value === 'string' ? value : typeof value === 'boolean' ? String(value) : undefined;
}

/** The channel's own words for people. */
export function wordsIn(reply: HttpReply, json: () => unknown, places: readonly string[]): string {
	for (const place of places) {
		const words = found(json, place);
		if (typeof words === 'string' && words.trim() !== '') return words;
	}
	return readableReply(reply.text);
}

const longestWaitMs = 86_400_000;

/** How long the channel asks to wait: in its own header, else in the standard one. */
export function retryAfterOf(reply: HttpReply, own: RestSettings['errors']['retryAfter']): number | undefined {
	const text = own === undefined ? undefined : reply.headers[own.header.toLowerCase()]?.trim();
	if (own === undefined || text === undefined || !/^\d+(\.\d+)?$/.test(text)) return reply.retryAfterMs;
	if (own.unit === 'milliseconds') return Math.min(longestWaitMs, Math.ceil(Number(text)));
	if (own.unit === 'seconds') return Math.min(longestWaitMs, Math.ceil(Number(text) * 1000));
	const now = Date.parse(reply.headers['date'] ?? '');
	// Against the channel's own clock: ours may be another.
	return Number.isNaN(now) ? reply.retryAfterMs : Math.min(longestWaitMs, Math.max(0, Number(text) * 1000 - now));
}
