import type { CallOptions } from '../connector.ts';
import { buildRequest, inLowerCase, renderedHeaders } from './build-request.ts';
import type { Caller, RestReply } from './call.ts';
import { createMomentCodec, type MomentCodec } from './moment.ts';
import type { RecordContext } from './record.ts';
import type { FullRequest } from './request-settings.ts';
import type { RestEntity, RestSettings } from './settings.ts';
import type { TemplateValues } from './template.ts';

/** What the functions of one resource share. */
export type RestContext = RecordContext & {
	call: Caller;
	moment: MomentCodec;
	/** The parameter that carries the key, to be cut out of an address that the channel sends. */
	keyParam: string | undefined;
	/** What the settings say of every body. */
	contentType: string | undefined;
};

export function createContext(entity: RestEntity, call: Caller, { baseUrl, auth, headers }: RestSettings): RestContext {
	const moment = createMomentCodec(entity.stamp ?? { format: 'iso', zone: 'UTC', resolution: 'second' });
	const keyParam = auth.kind === 'api-key' && auth.in === 'query' ? auth.name : undefined;
	return {
		entity,
		call,
		from: call.from,
		baseUrl,
		moment,
		keyParam,
		contentType: inLowerCase(headers)['content-type']
	};
}

/** Sends one of the entity's requests. */
export function sendRequest(
	context: RestContext,
	request: FullRequest,
	values: TemplateValues,
	options: CallOptions | undefined
): Promise<RestReply> {
	const out = buildRequest(request, values, context, context.baseUrl, context.contentType);
	return context.call({ out, rules: request.errors, options });
}

/** Sends it to an address of the channel's own, as it was given. */
export function sendTo(
	context: RestContext,
	request: FullRequest,
	url: string,
	values: TemplateValues,
	options: CallOptions | undefined
): Promise<RestReply> {
	const headers = renderedHeaders(request.headers ?? {}, values, context);
	return context.call({ out: { method: request.method, url, headers }, rules: request.errors, options });
}
