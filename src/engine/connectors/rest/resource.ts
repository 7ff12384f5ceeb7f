import { createHash } from 'node:crypto';
import type { CallOptions, Capabilities, ExternalKey, ExternalRecord, Page, Resource } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { EntityTrust } from '../trust-sheet.ts';
import type { Caller } from './call.ts';
import { codecOf } from './codec.ts';
import { changesPage, filtered, listPage, searchMax } from './list-page.ts';
import { isAddressable, readOne } from './read-one.ts';
import { drifted } from './record.ts';
import { narrowed } from './narrowed.ts';
import type { FullRequest } from './request-settings.ts';
import { createContext, type RestContext } from './rest-context.ts';
import type { RestEntity, RestSettings } from './settings.ts';
import { variablesIn } from './template.ts';
import { createRecord, updateRecord } from './write-record.ts';

const resolutionMs = { microsecond: 0.001, millisecond: 1, second: 1000 } as const;

/** One entity as the settings describe it, less what a check of the service disproved. */
export function createResource(
	entity: RestEntity,
	call: Caller,
	settings: RestSettings,
	sheet?: EntityTrust
): Resource {
	const context = createContext(entity, call, settings);
	const { changes, findByReference, create, update } = entity.requests;
	const names = entity.fields.map(({ name }) => name);
	const capabilities = narrowed(capabilitiesOf(entity), sheet, names);
	const read = (ids: readonly ExternalKey[], options?: CallOptions) => readRecords(context, ids, options);
	return {
		fields: entity.fields.map(codecOf),
		capabilities,
		fingerprint: createHash('sha256').update(JSON.stringify(entity.fields)).digest('hex').slice(0, 16),
		list(cursor, options) {
			if (sheet?.pagingStable === false) return Promise.reject(unstable(context));
			return listPage(context, entity.requests.list, { cursor }, options);
		},
		read,
		search: (text, options) => searchRecords(context, text, options),
		...(changes &&
			sheet?.changesComplete !== false && {
				changes: (since: string, cursor: string | null, options?: CallOptions) =>
					changesPage(context, changes, since, cursor, options)
			}),
		...(findByReference &&
			capabilities.reference && {
				findByReference: (references, options) => findReferences(context, findByReference, references, options)
			}),
		...(create && {
			create(input, options) {
				const readBack = async (id: string) => (await read([{ id, variantId: '' }], options))[0] ?? null;
				return createRecord(context, create, input, readBack, options);
			}
		}),
		...(update && { update: (input, options) => updateRecord(context, update, input, options) })
	};
}

function capabilitiesOf(entity: RestEntity): Capabilities {
	const { update, findByReference } = entity.requests;
	const isGuarded = entity.version.from !== 'none' && update !== undefined && variablesIn(update).has('version');
	return {
		precondition: { kind: isGuarded ? 'strict' : 'none' },
		...(entity.reference && findByReference && { reference: { searchLagMs: entity.reference.searchLagMs } }),
		stampResolutionMs: resolutionMs[entity.stamp?.resolution ?? 'second'],
		stampCovers: entity.stamp?.covers ?? 'all',
		overlapMs: entity.overlapMs,
		pageSize: entity.pageSize
	};
}

async function readRecords(
	context: RestContext,
	keys: readonly ExternalKey[],
	options: CallOptions | undefined
): Promise<readonly ExternalRecord[]> {
	const { version, requests } = context.entity;
	const { get, batchGet } = requests;
	const ids = [...new Set(keys.filter((key) => key.variantId === '').map((key) => key.id))].filter(isAddressable);
	const versionNeedsHeader = version.from === 'etag-header' && version.at === undefined;
	const versioned = (records: readonly ExternalRecord[]) => {
		// Without its version the next write would go out unguarded.
		const bare = version.from === 'none' ? undefined : records.find((record) => record.version === null);
		if (bare) throw drifted(context, `record ${bare.id} has no version`);
		return records;
	};
	// A single id is asked for directly: this is the read that confirms an absence.
	const together = batchGet && !versionNeedsHeader && (!get || (ids.length > 1 && !ids.some((id) => id.includes(','))));
	if (together && ids.length > 0) {
		const belongs = ({ id }: ExternalRecord) => ids.includes(id);
		return versioned(await filtered(context, batchGet, { ids }, belongs, ids.length, options));
	}
	const records: ExternalRecord[] = [];
	for (const id of ids) {
		const record = get && (await readOne(context, get, id, options));
		if (record) records.push(record);
	}
	return versioned(records);
}

async function searchRecords(
	context: RestContext,
	text: string,
	options: CallOptions | undefined
): Promise<readonly ExternalRecord[]> {
	const { search, searchMore } = context.entity.requests;
	if (!search) return readRecords(context, [{ id: text.trim(), variantId: '' }], options);
	const limit = Math.min(searchMax, context.entity.pageSize);
	const found = new Map<string, ExternalRecord>();
	for (const request of searchMore ? [search, searchMore] : [search]) {
		const page: Page = await listPage(context, request, { cursor: null, text, limit }, options);
		for (const record of page.records) found.set(record.id, record);
	}
	return [...found.values()].slice(0, searchMax);
}

async function findReferences(
	context: RestContext,
	request: FullRequest,
	references: readonly string[],
	options: CallOptions | undefined
): Promise<readonly ExternalRecord[]> {
	if (references.length === 0) return [];
	const belongs = (record: ExternalRecord) => record.reference !== null && references.includes(record.reference);
	const { pageSize } = context.entity;
	if (variablesIn(request).has('references')) {
		return filtered(context, request, { references }, belongs, pageSize, options);
	}
	const found: ExternalRecord[] = [];
	for (const reference of new Set(references)) {
		found.push(...(await filtered(context, request, { reference }, belongs, pageSize, options)));
	}
	return found;
}

function unstable({ from }: RestContext): ConnectorError {
	const hint = `The check of ${from} showed that its listing leaves records out or repeats them. Choose another order or paging, and check again.`;
	return new ConnectorError('misconfigured', { hint });
}
