import { z } from 'zod';
import type { Fields } from '#src/sync/fields.ts';
import type { CallOptions, CreateReply, ExternalRecord, Page, Precondition, Resource } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { type ChangeSource, createChangeScan } from './change-scan.ts';
import type { TrytonEntity, TrytonRow } from './entity.ts';
import { parsed, type Rpc } from './rpc.ts';
import { afterwards, createRows, type Rows } from './rows.ts';
import { duplicateOr, updateRecord, updateRecords } from './update-records.ts';
import { literalPattern, toWireDateTime, wireId } from './wire.ts';

const pageSize = 100;
const searchLimit = 20;
/** Tryton stamps rows with the start of their transaction, and shows them when it ends. */
const longestTransactionMs = 60_000;
/** A create that timed out here may still be at work there for a moment. */
const searchLagMs = 5000;

type Creating<Row extends TrytonRow> = NonNullable<TrytonEntity<Row>['creating']>;

/** One entity of a Tryton database, over the rows that `entity` describes. */
export function createResource<Row extends TrytonRow>(
	entity: TrytonEntity<Row>,
	rpc: Rpc,
	precondition: Precondition
): Resource {
	const rows = createRows(entity, rpc);
	const scan = createChangeScan(pageSize);
	const { creating } = entity;
	return {
		fields: entity.fields,
		capabilities: {
			precondition,
			...(creating && { reference: { searchLagMs } }),
			stampResolutionMs: 0.001,
			stampCovers: entity.stampCovers,
			overlapMs: longestTransactionMs,
			pageSize
		},
		fingerprint: entity.fingerprint,
		list: (cursor, options) => listPage(rpc, rows, cursor, options),
		changes: (since, cursor, options) => scan(changeSource(entity, rows, options), since, cursor),
		read: async (keys, options) => recordsOf(await rows.byKeys(keys, options)),
		async search(text, options) {
			const wanted = text.trim();
			const exact = await rows.find(entity.withCode(wanted), searchLimit, options);
			const similar = await rows.find(entity.matching(`%${literalPattern(wanted)}%`), searchLimit, options);
			const seen = new Set(exact.map((row) => row.id));
			return recordsOf([...exact, ...similar.filter((row) => !seen.has(row.id))]).slice(0, searchLimit);
		},
		...(creating && {
			async findByReference(references, options) {
				if (references.length === 0) return [];
				const wanted = new Set(references);
				const found = recordsOf(await rows.find(creating.references.carriers(references), undefined, options));
				return found.filter((record) => record.reference !== null && wanted.has(record.reference));
			},
			create: (input, options) => createRecord(creating, rpc, rows, input, options)
		}),
		update: (input, options) => updateRecord(entity, rpc, rows, input, options),
		updateTogether: {
			most: 50,
			takes: (fields) => !entity.alone?.(fields),
			send: (inputs, options) => updateRecords(entity, rpc, rows, inputs, options)
		}
	};
}

function changeSource<Row extends TrytonRow>(
	entity: TrytonEntity<Row>,
	rows: Rows<Row>,
	options?: CallOptions
): ChangeSource {
	const changed = (since: string) => entity.changed(toWireDateTime(since));
	return {
		async some(since, limit) {
			const { rows: found, upTo } = await rows.first(changed(since), limit, options);
			return upTo === null ? recordsOf(found) : null;
		},
		entries: (since, afterId, limit) => rows.entries(changed(since), afterId, limit, options),
		async between(since, first, last) {
			const stamped = entity.stampedBetween(toWireDateTime(first.stamp), toWireDateTime(last.stamp));
			const ids = [
				['id', '>=', first.id],
				['id', '<=', last.id]
			];
			const domain = [changed(since), stamped, ...(first.stamp === last.stamp ? ids : [])];
			return recordsOf(await rows.find(domain, undefined, options));
		}
	};
}

function recordsOf(rows: readonly TrytonRow[]): readonly ExternalRecord[] {
	return rows.map((row) => row.record);
}

async function listPage(rpc: Rpc, rows: Rows<TrytonRow>, cursor: string | null, options?: CallOptions): Promise<Page> {
	if (cursor !== null && !/^\d{1,15}$/.test(cursor)) {
		throw new ConnectorError('misconfigured', {
			hint: 'The stored position of this listing is not readable; start a full run.'
		});
	}
	const afterId = Number(cursor ?? 0);
	const { rows: found, upTo } = await rows.first([['id', '>', afterId]], pageSize, options);
	return { records: recordsOf(afterwards(rpc, found, afterId)), next: upTo === null ? null : String(upTo) };
}

async function createRecord<Row extends TrytonRow>(
	{ command: commandFor, references }: Creating<Row>,
	rpc: Rpc,
	rows: Rows<Row>,
	input: { reference: string; fields: Fields },
	options?: CallOptions
): Promise<CreateReply> {
	const command = await commandFor(input, rpc, options);
	const method = `${command.model}.create`;
	let reply: unknown;
	try {
		reply = await rpc.call(method, [[command.values]], options);
	} catch (error) {
		throw await duplicateOr(error, rows, input.fields, -1, rpc, options);
	}
	// From here on there is a record: no failure may read as "not sent", and no deadline of the sending ends the reading.
	const after: CallOptions = options?.signal ? { signal: options.signal } : {};
	const [id] = parsed(z.tuple([wireId]), reply, rpc.from, method);
	const [row, another] = await rows.find(command.createdRows(id), undefined, after).catch((cause: unknown) => {
		throw cause instanceof ConnectorError ? unreadable(rpc, cause) : cause;
	});
	if (!row || another || row.record.reference !== input.reference) throw unreadable(rpc);
	// See reference-row.ts. A row that stays unsealed is as good, until somebody duplicates the record.
	await references.seal(row, input.reference, rpc, after).catch((error: unknown) => {
		if (!(error instanceof ConnectorError)) throw error;
	});
	if (!references.inRecord) return { ...row.record, readBack: true };
	const [now] = await rows.find(command.createdRows(id), undefined, after).catch(() => []);
	return { ...(now?.record ?? { ...row.record, version: null, stamp: null }), readBack: true };
}

function unreadable(rpc: Rpc, cause?: ConnectorError): ConnectorError {
	const hint = `${rpc.from} created a record that cannot be read back. It will be searched for.`;
	return new ConnectorError('unreachable', { hint, ...(cause && { cause }) });
}
