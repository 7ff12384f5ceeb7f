import type { CallOptions, ExternalRecord } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { valueAt } from './json-place.ts';
import { drifted, recordFrom } from './record.ts';
import type { FullRequest } from './request-settings.ts';
import { sendRequest, type RestContext } from './rest-context.ts';

/** One record by its address, null where the channel says it does not exist. */
export async function readOne(
	context: RestContext,
	get: FullRequest,
	id: string,
	options: CallOptions | undefined
): Promise<ExternalRecord | null> {
	try {
		const reply = await sendRequest(context, get, { id }, options);
		const place = get.item ?? context.entity.item;
		const json = valueAt(reply.json(), place);
		// An envelope that holds null says there is none; a bare null says nothing.
		if (json === null && place !== '') return null;
		const record = recordFrom(json, { ...context, etag: reply.etag });
		if (record.id !== id) throw drifted(context, `asked for record ${id}, it sent record ${record.id}`);
		return record;
	} catch (error) {
		if (error instanceof ConnectorError && error.kind === 'missing') return null;
		throw error;
	}
}

/** Dots would climb up the path of a URL. */
export function isAddressable(id: string): boolean {
	return id !== '' && id !== '.' && id !== '..';
}
