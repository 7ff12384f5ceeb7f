import { ConnectorError } from './error.ts';
import { beginning } from './plain-text.ts';

/** A number of a JSON text as it was written there, so that no digit is lost in a binary float. */
export class JsonNumber {
	readonly text: string;
	constructor(text: string) {
		this.text = text;
	}
}

const maxDepth = 64;
/** Far more than the largest page has; a parsed value takes up to fifty times the memory of its text. */
const maxValues = 500_000;

/**
 * Parses an answer of `from` (a host, for the hint). Throws ConnectorError `invalid-reply` for broken JSON, HTML,
 * nesting deeper than 64, or more than 500,000 values. Keys named `__proto__` are dropped. With `exactNumbers` every number becomes a JsonNumber.
 */
export function parseJson(text: string, from: string, options: { exactNumbers?: boolean } = {}): unknown {
	const { depth, values } = shapeOf(text);
	if (depth > maxDepth) throw invalid(from, 'its answer is nested too deeply', text);
	if (values > maxValues) throw invalid(from, `its answer holds more than ${maxValues} values`, text);
	try {
		const value: unknown = JSON.parse(text, (key, inner: unknown, context?: { source?: string }) => {
			if (key === '__proto__') return undefined;
			if (options.exactNumbers !== true || typeof inner !== 'number') return inner;
			return new JsonNumber(context?.source ?? String(inner));
		});
		return value;
	} catch (cause) {
		const what = /^\s*</.test(text) ? 'it answered with a web page' : 'its answer is not JSON';
		throw invalid(from, what, text, cause);
	}
}

/** Deepest nesting and number of values, found before the recursive parser sees the text. */
function shapeOf(text: string): { depth: number; values: number } {
	let values = 1;
	let depth = 0;
	let deepest = 0;
	let inString = false;
	for (let at = 0; at < text.length; at += 1) {
		const code = text.charCodeAt(at);
		if (inString) {
			if (code === 0x5c) at += 1;
			else if (code === 0x22) inString = false;
		} else if (code === 0x22) inString = true;
		else if (code === 0x2c) values += 1;
		else if (code === 0x7b || code === 0x5b) {
			values += 1;
			deepest = Math.max(deepest, (depth += 1));
		} else if (code === 0x7d || code === 0x5d) depth -= 1;
	}
	return { depth: deepest, values };
}

function invalid(from: string, what: string, text: string, cause?: unknown): ConnectorError {
	const hint = `${from} cannot be understood: ${what}. Check that the address leads to the API and its version is supported.`;
	return new ConnectorError('invalid-reply', { hint, reply: readableReply(text), cause });
}

/** The beginning of an answer as plain text, for a person: no tags, no control characters, at most 500 characters. */
export function readableReply(text: string): string {
	// Each pattern reads a text once, whatever it is: an unclosed tag reaches to the end, a tag holds no other.
	const plain = text
		.slice(0, 20_000)
		.replace(/<(style|script)\b[\s\S]*?(?:<\/\1>|$)/gi, ' ')
		.replace(/<[^<>]*>/g, ' ')
		.replace(/[\p{Cc}\s]+/gu, ' ')
		.trim();
	return beginning(plain, 500);
}
