import type { Fields } from '#src/sync/fields.ts';
import type {
	CallOptions,
	Capabilities,
	CreateReply,
	ExternalKey,
	ExternalRecord,
	Resource,
	WriteReply
} from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { AdminApi } from './admin-api.ts';
import { changesPage, type StampedList } from './change-scan.ts';
import type { VendureEntity, VendureRow } from './entity.ts';
import { missing, moved } from './guarded-write.ts';
import { listPage } from './list-pages.ts';
import { createRows, type ListOptions, type Rows } from './rows.ts';
import { referenceField, type VendureServer } from './server.ts';

const pageSize = 100;
/** A parent brings all its records. */
const parentsAtOnce = 25;
const searchLimit = 20;
/** Vendure stamps a row when it is written, and shows it when its transaction ends. */
const longestTransactionMs = 60_000;
/** A create that timed out here may still be at work there for a moment. */
const searchLagMs = 5000;

/** One entity of a Vendure server, over the rows that `entity` describes. */
export function createResource<Row extends VendureRow>(entity: VendureEntity<Row>, api: AdminApi): Resource {
	const rows = createRows(entity, api);
	const { creating } = entity;
	return {
		fields: entity.fields,
		get capabilities() {
			return capabilitiesOf(entity, api.known());
		},
		fingerprint: entity.fingerprint,
		list: (cursor, options) => listPage(rows, cursor, pageSize, options),
		changes: async (since, cursor, options) => changesPage(await stampedLists(entity, rows, options), since, cursor),
		read: async (keys, options) => recordsOf(await rows.byKeys(keys, options)),
		async search(text, options) {
			const wanted = text.trim();
			if (wanted === '') return [];
			const pattern = wanted.replace(/[\\%_]/g, '\\$&');
			return recordsOf(await rows.search(entity.withCode(wanted), entity.matching(pattern), searchLimit, options));
		},
		...(creating && {
			async findByReference(references, options) {
				const { references: carriers } = await api.server(options);
				if (references.length === 0) return [];
				if (!carriers.has(entity.type)) throw withoutReference(api.from, entity.type);
				const found: Row[] = [];
				for (let start = 0; start < references.length; start += pageSize) {
					const some = references.slice(start, start + pageSize);
					const list = { filter: { [referenceField]: { in: some } }, take: 2 * pageSize };
					found.push(...(await rows.find(list, options)));
				}
				const wanted = new Set(references);
				return recordsOf(found).filter(({ reference }) => reference !== null && wanted.has(reference));
			},
			create: (input, options) => createRecord(entity.type, creating, api, input, options)
		}),
		update: (input, options) => updateRecord(entity, api, rows, input, options)
	};
}

/**
 * Until the server was asked, a write counts as unguarded, and a create as possible: the first is the careful side of
 * what a run relies on, and a run asks before it creates.
 */
function capabilitiesOf(
	{ isGuarded, creating, stampCovers }: Pick<VendureEntity, 'isGuarded' | 'creating' | 'stampCovers'>,
	server: VendureServer | undefined
): Capabilities {
	return {
		precondition: server && isGuarded(server) ? { kind: 'strict' } : { kind: 'none' },
		...(creating && (!server || creating.isPossible(server)) && { reference: { searchLagMs } }),
		stampResolutionMs: 1,
		stampCovers,
		overlapMs: longestTransactionMs,
		pageSize
	};
}

async function stampedLists<Row extends VendureRow>(
	{ parents }: VendureEntity<Row>,
	rows: Rows<Row>,
	options?: CallOptions
): Promise<readonly StampedList[]> {
	const listOf = (after: string, skip: number, take: number): ListOptions => ({
		filter: { updatedAt: { after } },
		sort: { updatedAt: 'ASC', id: 'ASC' },
		skip,
		take
	});
	const own: StampedList = {
		take: await rows.itemsFor(pageSize, options),
		async fetch(after, skip, take) {
			const found = await rows.items(listOf(after, skip, take), options);
			return found.map(({ stamp, rows: inner }) => ({ stamp, records: recordsOf(inner) }));
		}
	};
	const ofParents: StampedList = {
		take: parentsAtOnce,
		async fetch(after, skip, take) {
			const found = await rows.stamped(listOf(after, skip, take), options);
			return found.map(({ stamp, rows: inner }) => ({ stamp, records: recordsOf(inner) }));
		}
	};
	return parents ? [own, ofParents] : [own];
}

function recordsOf(rows: readonly VendureRow[]): readonly ExternalRecord[] {
	return rows.map(({ record }) => record);
}

async function createRecord<Row extends VendureRow>(
	type: string,
	creating: NonNullable<VendureEntity<Row>['creating']>,
	api: AdminApi,
	{ reference, fields }: { reference: string; fields: Fields },
	options?: CallOptions
): Promise<CreateReply> {
	const server = await api.server(options);
	if (!creating.isPossible(server)) throw withoutReference(api.from, type);
	const { record } = await creating.create({ reference, fields, server }, api, options);
	if (record.reference !== reference) {
		const hint = `${api.from} created a record that cannot be read back. It will be searched for.`;
		throw new ConnectorError('unreachable', { hint });
	}
	return { ...record, readBack: true };
}

async function updateRecord<Row extends VendureRow>(
	entity: VendureEntity<Row>,
	api: AdminApi,
	rows: Rows<Row>,
	{ id, variantId, version, fields }: ExternalKey & { version: string | null; fields: Fields },
	options?: CallOptions
): Promise<WriteReply> {
	const server = await api.server(options);
	const key = { id, variantId };
	const known = rows.remembered(key);
	const current = known && (version === null || known.record.version === version);
	const [row] = current ? [known] : await rows.byKeys([key], options);
	if (!row) throw missing(api.from);
	if (version !== null && row.record.version !== null && row.record.version !== version) throw moved(api.from);
	return entity.update({ row, fields, server, guarded: version !== null }, api, options);
}

function withoutReference(from: string, type: string): ConnectorError {
	const hint = `${from} has no custom field "${referenceField}" on ${type}, or prices in another currency than its default one, so nothing can be created there safely. Install the plugin for Vendure, or add that field.`;
	return new ConnectorError('misconfigured', { hint });
}
