import type { Fields } from '#src/sync/fields.ts';
import type {
	CallOptions,
	Capabilities,
	CreateReply,
	ExternalRecord,
	Resource,
	UpdateInput,
	WriteReply
} from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { AdminApi } from './admin-api.ts';
import { changesPage, type StampedList } from './change-scan.ts';
import type { VendureEntity, VendureRow } from './entity.ts';
import { missing, moved } from './guarded-write.ts';
import { listPage } from './list-pages.ts';
import { performWrites } from './perform-writes.ts';
import { untold } from './planned-write.ts';
import { createRows, type ListOptions, type Rows } from './rows.ts';
import { referenceField, type VendureServer } from './server.ts';

const pageSize = 100;
/** A parent brings all its records. */
const parentsAtOnce = 25;
const searchLimit = 20;
/** So few that a slow shop is through with them before the call is given up. */
const updatesAtOnce = 25;
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
		async update(input, options) {
			const [outcome = untold] = await updateRecords(entity, api, rows, [input], options);
			if (outcome instanceof ConnectorError) throw outcome;
			return outcome;
		},
		updateTogether: {
			most: updatesAtOnce,
			takes: (fields) => entity.joins?.(fields) ?? true,
			send: (inputs, options) => updateRecords(entity, api, rows, inputs, options)
		}
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

async function updateRecords<Row extends VendureRow>(
	entity: VendureEntity<Row>,
	api: AdminApi,
	rows: Rows<Row>,
	inputs: readonly UpdateInput[],
	options?: CallOptions
): Promise<(WriteReply | ConnectorError)[]> {
	const server = await api.server(options);
	const found = await rowsFor(rows, inputs, options);
	const refusals = inputs.map((input, at) => refusalOf(input, found[at], api.from));
	const open = inputs.flatMap(({ version, fields }, at) => {
		const row = refusals[at] === null ? found[at] : undefined;
		return row ? [{ row, fields, server, guarded: version !== null }] : [];
	});
	const planned = [...(await entity.planUpdates(open, api, options))];
	const plans = refusals.map((refusal) => refusal ?? planned.shift() ?? missing(api.from));
	const writes = plans.flatMap((plan) => (plan instanceof ConnectorError ? [] : [plan]));
	const replies = await performWrites(writes, api, options);
	return plans.map((plan) => (plan instanceof ConnectorError ? plan : (replies.shift() ?? untold)));
}

/** The row of each as it was compared, read anew where it is not known any more. */
async function rowsFor<Row extends VendureRow>(
	rows: Rows<Row>,
	inputs: readonly UpdateInput[],
	options?: CallOptions
): Promise<readonly (Row | undefined)[]> {
	const known = inputs.map(({ id, variantId, version }) => {
		const row = rows.remembered({ id, variantId });
		return row && (version === null || row.record.version === version) ? row : undefined;
	});
	const unknown = inputs.filter((_, at) => !known[at]);
	const read = unknown.length === 0 ? [] : await rows.byKeys(unknown, options);
	return inputs.map(
		({ id, variantId }, at) =>
			known[at] ?? read.find(({ record }) => record.id === id && record.variantId === variantId)
	);
}

function refusalOf({ version }: UpdateInput, row: VendureRow | undefined, from: string): ConnectorError | null {
	if (!row) return missing(from);
	const { record } = row;
	return version !== null && record.version !== null && record.version !== version ? moved(from) : null;
}

function withoutReference(from: string, type: string): ConnectorError {
	const hint = `${from} has no custom field "${referenceField}" on ${type}, or prices in another currency than its default one, so nothing can be created there safely. Install the plugin for Vendure, or add that field.`;
	return new ConnectorError('misconfigured', { hint });
}
