import { z } from 'zod';
import type { Fields } from '#src/sync/fields.ts';
import type {
	CallOptions,
	ExternalKey,
	CreateReply,
	ExternalRecord,
	Page,
	Precondition,
	Resource,
	WriteReply
} from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { type ChangeSource, createChangeScan } from './change-scan.ts';
import { timestampsOf, type TrytonEntity, type TrytonRow, type WriteCommand } from './entity.ts';
import { parsed, type Rpc } from './rpc.ts';
import { afterwards, createRows, type Rows } from './rows.ts';
import { literalPattern, toWireDateTime, wireId } from './wire.ts';

const pageSize = 100;
const searchLimit = 20;
/** Tryton stamps rows with the start of their transaction, and shows them when it ends. */
const longestTransactionMs = 60_000;
/** A create that timed out here may still be at work there for a moment. */
const searchLagMs = 5000;

const unknownOutcome: WriteReply = { version: null, stamp: null, fields: null };

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
		update: (input, options) => updateRecord(entity, rpc, rows, input, options)
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

async function updateRecord<Row extends TrytonRow>(
	entity: TrytonEntity<Row>,
	rpc: Rpc,
	rows: Rows<Row>,
	input: ExternalKey & { version: string | null; fields: Fields },
	options?: CallOptions
): Promise<WriteReply> {
	const [before] = await rows.byKeys([input], options);
	if (!before) throw missing(rpc);
	if (input.version !== null && input.version !== before.record.version) throw conflict(rpc);
	const command = await entity.update(before, input.fields, rpc, options);
	try {
		const context = { _timestamp: timestampsOf(before.parts) };
		const values = command.method === undefined ? [command.values] : [];
		await rpc.call(`${command.model}.${command.method ?? 'write'}`, [[command.id], ...values], options, context);
	} catch (error) {
		if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
		// A refusal may come from what happened in between; Tryton words it in the user's language, so look instead.
		const [now] = await rows.byKeys([input], options).catch(() => [before]);
		if (!now) throw missing(rpc);
		if (now.record.version !== before.record.version) throw conflict(rpc);
		throw await duplicateOr(error, rows, input.fields, before.id, rpc, options);
	}
	const after = await readBack(rows, input, options);
	if (command.method !== undefined && after?.record.version === before.record.version) throw notTaken(rpc);
	const userId = await rpc.userId().catch(() => null);
	if (!after || !isOurs(before, after, command, userId)) return unknownOutcome;
	// One step may lead to another by itself: that is for the engine to read, as what the channel made of it.
	if (command.method !== undefined && !holds(entity, after.record.fields, input.fields)) return unknownOutcome;
	const { version, stamp, fields } = after.record;
	return { version, stamp, fields };
}

/** The write is done: where it cannot be read, what it led to is for the engine to find out. */
async function readBack<Row extends TrytonRow>(
	rows: Rows<Row>,
	key: ExternalKey,
	options?: CallOptions
): Promise<Row | undefined> {
	try {
		const [row] = await rows.byKeys([key], options);
		return row;
	} catch (error) {
		if (error instanceof ConnectorError) return undefined;
		throw error;
	}
}

function holds({ fields }: Pick<TrytonEntity, 'fields'>, held: Fields, sent: Fields): boolean {
	return fields.every(
		({ name, normal }) => !(name in sent) || normal(held[name] ?? null) === normal(sent[name] ?? null)
	);
}

/**
 * Whether `after` is what our write left, with nobody in between: the user of the channel wrote its first row, in the
 * transaction of all rows that we touched (one transaction has one stamp), and the other rows are as they were.
 */
function isOurs(before: TrytonRow, after: TrytonRow, command: WriteCommand, userId: number | null): boolean {
	const ourStamp = after.parts[0].stamp;
	if (userId === null || after.writeUid !== userId || ourStamp === null || ourStamp === before.parts[0].stamp)
		return false;
	const old = new Map(before.parts.map((part) => [part.ref, part]));
	const touched = new Set(command.touched);
	const present = new Set(after.parts.map((part) => part.ref));
	const kept = before.parts.every((part) => present.has(part.ref) || touched.has(part.ref));
	return (
		kept &&
		after.parts.every((part) => {
			const was = old.get(part.ref);
			return !was || touched.has(part.ref) ? part.stamp === ourStamp : part.stamp === was.stamp;
		})
	);
}

async function duplicateOr(
	error: unknown,
	rows: Rows<TrytonRow>,
	fields: Fields,
	exceptId: number,
	rpc: Rpc,
	options?: CallOptions
): Promise<unknown> {
	const code = fields['value'];
	if (!(error instanceof ConnectorError) || error.kind !== 'rejected' || typeof code !== 'string') return error;
	if (!(await rows.taken(code.trim(), exceptId, options).catch(() => false))) return error;
	const hint = `${rpc.from} already has an active record with the code "${code.trim()}". Link that one, or change one of the codes.`;
	return new ConnectorError('duplicate', {
		hint,
		cause: error,
		...(error.reply === undefined ? {} : { reply: error.reply })
	});
}

function missing(rpc: Rpc): ConnectorError {
	return new ConnectorError('missing', { hint: `${rpc.from} does not have this record any more.` });
}

/** Tryton passes over what is in no state for a step, and says nothing. */
function notTaken(rpc: Rpc): ConnectorError {
	const reply = 'The step was not taken.';
	const hint = `${rpc.from} left the record as it is. ${reply} Choose a state that can follow there, or do it in Tryton.`;
	return new ConnectorError('rejected', { hint, reply });
}

function conflict(rpc: Rpc): ConnectorError {
	const hint = `${rpc.from} has a newer state of this record than the one that was compared. It will be compared again.`;
	return new ConnectorError('conflict', { hint });
}
