import { ConnectorError } from '../error.ts';
import type { MomentCodec } from './moment.ts';

/** What a request may say, by the names that stand in braces. Absent or null = there is no such value now. */
export type TemplateValues = {
	id?: string;
	ids?: readonly string[];
	limit?: number;
	after?: string | null;
	page?: number;
	offset?: number;
	/** ISO 8601 UTC. */
	since?: string;
	text?: string;
	reference?: string;
	references?: readonly string[];
	/** The values of a record as the channel writes them. */
	fields?: Readonly<Record<string, unknown>>;
	version?: string | null;
	/** Of a login and of signing; in no other request. */
	login?: Readonly<Record<string, string>>;
};

/** What a template needs besides its values. */
export type TemplateContext = { moment: MomentCodec };

/** Every id or reference in its own words. */
export type Each = { each: string; of: 'ids' | 'references'; join: string };

/** A variable, with how it is written: {id}, {text:odata}, {since:YYYY-MM-DD}. Other braces are plain text. */
const variable = /\{([a-z][a-zA-Z]*)(?::([^{}]+))?\}/;
const spread = '...';

type Part = string | { name: string; format: string | undefined };

function partsOf(template: string): readonly Part[] {
	if (!template.includes('{')) return [template];
	const parts: Part[] = [];
	const pieces = template.split(variable);
	for (let at = 0; at < pieces.length; at += 3) {
		if (pieces[at]) parts.push(pieces[at] as string);
		const name = pieces[at + 1];
		if (name !== undefined) parts.push({ name, format: pieces[at + 2] });
	}
	return parts;
}

/** The text of a template with its values; undefined where one of them is not there. `escape` makes a value safe. */
export function renderText(
	template: string,
	values: TemplateValues,
	context: TemplateContext,
	escape: (value: string) => string = (value) => value
): string | undefined {
	let text = '';
	for (const part of partsOf(template)) {
		if (typeof part === 'string') text += part;
		else {
			const value = textOf(part, values, context);
			if (value === undefined) return undefined;
			text += escape(value);
		}
	}
	return text;
}

/** As `renderText`, also for a list that is written item by item. */
export function renderEach(
	template: string | Each,
	values: TemplateValues,
	context: TemplateContext
): string | undefined {
	if (typeof template === 'string') return renderText(template, values, context);
	const name = template.of === 'ids' ? 'id' : 'reference';
	const items = values[template.of]?.map((item) => renderText(template.each, { ...values, [name]: item }, context));
	return items?.join(template.join);
}

/** A JSON template with its values; undefined where its value is not there. */
export function renderJson(template: unknown, values: TemplateValues, context: TemplateContext): unknown {
	if (typeof template === 'string') return renderJsonText(template, values, context);
	if (Array.isArray(template)) {
		return template.map((item) => renderJson(item, values, context)).filter((item) => item !== undefined);
	}
	if (typeof template !== 'object' || template === null) return template;
	if (isEach(template)) return renderEach(template, values, context);
	const object: Record<string, unknown> = {};
	for (const [key, inner] of Object.entries(template)) {
		const value = renderJson(inner, values, context);
		if (key === spread) Object.assign(object, value);
		else if (value !== undefined) object[key] = value;
	}
	return object;
}

function renderJsonText(template: string, values: TemplateValues, context: TemplateContext): unknown {
	const parts = partsOf(template);
	const [only] = parts;
	if (parts.length !== 1 || typeof only !== 'object') return renderText(template, values, context);
	const { name, format } = only;
	if (name === 'fields') return values.fields;
	if (name === 'ids' || name === 'references') {
		return values[name]?.map((item) => (format === 'number' ? numberOf(item) : item));
	}
	const isNumber = format === 'number' || (name === 'since' && context.moment.isNumber(format));
	if (isNumber || name === 'limit' || name === 'page' || name === 'offset') {
		const text = textOf({ name, format: format === 'number' ? undefined : format }, values, context);
		return text === undefined ? undefined : numberOf(text);
	}
	return textOf(only, values, context);
}

function isEach(template: object): template is Each {
	return 'each' in template && 'of' in template && 'join' in template;
}

/** Its digits as they are: a number of JavaScript would lose some. */
function numberOf(text: string): unknown {
	if (!/^-?\d{1,40}(\.\d{1,12})?$/.test(text)) {
		throw new ConnectorError('rejected', { hint: `This channel counts its records with numbers; "${text}" is none.` });
	}
	return rawJson(text.replace(/^(-?)0+(?=\d)/, '$1'));
}

/** Keeps digits that a number would lose. TypeScript's library does not know the function yet. */
export function rawJson(text: string): unknown {
	return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
}

function textOf(
	{ name, format }: { name: string; format: string | undefined },
	values: TemplateValues,
	{ moment }: TemplateContext
): string | undefined {
	if (name === 'since') {
		return values.since === undefined ? undefined : moment.encode(values.since, format);
	}
	const value = values.login?.[name] ?? (values as Record<string, unknown>)[name];
	if (value === undefined || value === null) return undefined;
	if (Array.isArray(value)) return value.map((item) => quoted(String(item), format)).join(',');
	return quoted(String(value), format);
}

/** A value inside a language of its own, such as a filter: it can end no text and begin no other. */
function quoted(value: string, format: string | undefined): string {
	if (format === 'odata') return `'${value.replaceAll("'", "''")}'`;
	if (format === 'quoted') return `"${value.replace(/["\\]/g, '\\$&')}"`;
	return value;
}

/** How a value may be written, beside the forms of {since}. */
const formats = ['odata', 'quoted', 'number'];

/** The variables that a request uses. A GraphQL document is no template. */
export function variablesIn(request: {
	path?: string | undefined;
	query?: Readonly<Record<string, unknown>> | undefined;
	headers?: Readonly<Record<string, string>> | undefined;
	body?: unknown;
	variables?: unknown;
}): ReadonlySet<string> {
	const found = new Set<string>();
	const visit = (template: unknown): void => {
		if (typeof template === 'string') {
			for (const part of partsOf(template)) {
				if (typeof part === 'string') continue;
				const wrong = part.name !== 'since' && part.format !== undefined && !formats.includes(part.format);
				found.add(wrong ? `${part.name}:${part.format}` : part.name);
			}
		} else if (typeof template === 'object' && template !== null) {
			if (isEach(template)) found.add(template.of);
			else for (const inner of Object.values(template)) visit(inner);
		}
	};
	visit([request.path, request.query, request.headers, request.body, request.variables]);
	return found;
}

/** Those that a request does not have. */
export function unknownVariables(used: ReadonlySet<string>, known: readonly string[]): readonly string[] {
	return [...used].filter((name) => !known.includes(name));
}
