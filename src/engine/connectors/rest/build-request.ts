import { ConnectorError } from '../error.ts';
import type { HttpRequest } from '../transport.ts';
import type { FullRequest } from './request-settings.ts';
import { renderEach, renderJson, renderText, type TemplateContext, type TemplateValues } from './template.ts';

/** A request as it goes out, but for what proves who it comes from. */
export type Outgoing = {
	method: HttpRequest['method'];
	url: string;
	headers: Record<string, string>;
	body?: string;
};

/**
 * Puts values into a request. Each is encoded for where it stands: it can leave neither its path segment nor its text. A
 * body is of `contentType` where the request does not say otherwise.
 */
export function buildRequest(
	request: FullRequest,
	values: TemplateValues,
	context: TemplateContext,
	baseUrl: string,
	contentType = 'application/json'
): Outgoing {
	const { method, path, query, headers, body, graphql, variables } = request;
	const target = renderText(path, values, context, encodeURIComponent);
	if (target === undefined) throw missingValue(path);
	const search = searchOf(query, values, context);
	const json = graphql === undefined ? body : { query: [graphql].flat().join('\n'), variables };
	const out: Outgoing = {
		method,
		url: `${baseUrl}${target}${search === '' ? '' : `?${search}`}`,
		headers: headers ? renderedHeaders(headers, values, context) : {}
	};
	if (json === undefined) return out;
	out.headers['content-type'] ??= contentType;
	out.body = JSON.stringify(
		graphql === undefined ? renderJson(json, values, context) : document(json, values, context)
	);
	return out;
}

/** The document stays as it is: values reach it as variables only. */
function document(json: unknown, values: TemplateValues, context: TemplateContext): unknown {
	const { query, variables } = json as { query: string; variables: unknown };
	return { query, ...(variables !== undefined && { variables: renderJson(variables, values, context) }) };
}

function searchOf(query: FullRequest['query'], values: TemplateValues, context: TemplateContext): string {
	const search = new URLSearchParams();
	for (const [name, template] of Object.entries(query ?? {})) {
		const value = renderEach(template, values, context);
		if (value !== undefined) search.append(name, value);
	}
	return search.toString();
}

/** Names in lower case, so that each is there once. */
export function renderedHeaders(
	templates: Readonly<Record<string, string>>,
	values: TemplateValues,
	context: TemplateContext
): Record<string, string> {
	const headers: Record<string, string> = {};
	for (const [name, template] of Object.entries(templates)) {
		const value = renderText(template, values, context);
		if (value === undefined) continue;
		if (!/^[\x20-\x7e\x80-\xff]*$/.test(value)) {
			throw new ConnectorError('rejected', {
				hint: `A value for the header ${name} has characters that none can have.`
			});
		}
		headers[name.toLowerCase()] = value;
	}
	return headers;
}

/** Headers by their names in lower case, so that none is there twice. */
export function inLowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function missingValue(path: string): ConnectorError {
	return new ConnectorError('misconfigured', {
		hint: `The path ${path} of this channel asks for a value that is not there.`
	});
}
