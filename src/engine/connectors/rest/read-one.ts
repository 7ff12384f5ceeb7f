import type { CallOptions, ExternalRecord } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { Caller } from './call.ts';
import { drifted, recordFrom, type RecordContext } from './record.ts';

/** What the functions of one resource share. */
export type RestContext = RecordContext & { call: Caller };

/** One record by its address, null where the channel says it does not exist. */
export async function readOne(
	context: RestContext,
	id: string,
	options: CallOptions | undefined
): Promise<ExternalRecord | null> {
	try {
		const path = pathTo(context.entity.paths.one, id);
		const reply = await context.call({ method: 'GET', path, options });
		const record = recordFrom(reply.json(), { ...context, etag: reply.etag });
		if (record.id !== id) throw drifted(context, `asked for record ${id}, it sent record ${record.id}`);
		return record;
	} catch (error) {
		if (error instanceof ConnectorError && error.kind === 'missing') return null;
		throw error;
	}
}

/** The path of one record. */
export function pathTo(template: string, id: string): string {
	return template.replace('{id}', () => encodeURIComponent(id));
}

/** Dots would climb up the path of a URL. */
export function isAddressable(id: string): boolean {
	return id !== '' && id !== '.' && id !== '..';
}
