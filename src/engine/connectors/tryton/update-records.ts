import type { Fields } from '#src/sync/fields.ts';
import type { CallOptions, ExternalKey, UpdateInput, WriteReply } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { timestampsOf, type TrytonEntity, type TrytonRow, type WriteCommand } from './entity.ts';
import type { Rpc } from './rpc.ts';
import type { Rows } from './rows.ts';

const unknownOutcome: WriteReply = { version: null, stamp: null, fields: null };

/** Writes one record, under the versions of all rows behind it. */
export async function updateRecord<Row extends TrytonRow>(
	entity: TrytonEntity<Row>,
	rpc: Rpc,
	rows: Rows<Row>,
	input: UpdateInput,
	options?: CallOptions
): Promise<WriteReply> {
	const [planned] = await planWrites(entity, rpc, rows, [input], options);
	if (!planned) throw missing(rpc);
	const { before, command } = planned;
	try {
		await perform(rpc, [planned], options);
	} catch (error) {
		if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
		// A refusal may come from what happened in between; Tryton words it in the user's language, so look instead.
		const [now] = await rows.byKeys([input], options).catch(() => [before]);
		if (!now) throw missing(rpc);
		if (now.record.version !== before.record.version) throw conflict(rpc);
		throw await duplicateOr(error, rows, input.fields, before.id, rpc, options);
	}
	const [after] = await readBack(rows, [input], options);
	if (command.method !== undefined && after?.record.version === before.record.version) throw notTaken(rpc);
	return replyOf(entity, planned, after, await rpc.userId().catch(() => null));
}

/** Writes several in one transaction there: what stops one of them stops all. A reply for each, in their order. */
export async function updateRecords<Row extends TrytonRow>(
	entity: TrytonEntity<Row>,
	rpc: Rpc,
	rows: Rows<Row>,
	inputs: readonly UpdateInput[],
	options?: CallOptions
): Promise<readonly WriteReply[]> {
	const planned = await planWrites(entity, rpc, rows, inputs, options);
	await perform(rpc, planned, options);
	const after = await readBack(rows, inputs, options);
	const userId = await rpc.userId().catch(() => null);
	return planned.map((one) => {
		const { id, variantId } = one.before.record;
		const row = after.find(({ record }) => record.id === id && record.variantId === variantId);
		return replyOf(entity, one, row, userId);
	});
}

type PlannedWrite<Row> = { input: UpdateInput; before: Row; command: WriteCommand };

/** What is to be called for each of these, as the records are now. Throws `missing` and `conflict`. */
async function planWrites<Row extends TrytonRow>(
	entity: TrytonEntity<Row>,
	rpc: Rpc,
	rows: Rows<Row>,
	inputs: readonly UpdateInput[],
	options?: CallOptions
): Promise<PlannedWrite<Row>[]> {
	const found = await rows.byKeys(inputs, options);
	const planned: PlannedWrite<Row>[] = [];
	for (const input of inputs) {
		const before = found.find(({ record }) => record.id === input.id && record.variantId === input.variantId);
		if (!before) throw missing(rpc);
		if (input.version !== null && input.version !== before.record.version) throw conflict(rpc);
		planned.push({ input, before, command: await entity.update(before, input.fields, rpc, options) });
	}
	return planned;
}

/** One call for all: Tryton takes the ids and values of several records after each other. */
async function perform(rpc: Rpc, planned: readonly PlannedWrite<TrytonRow>[], options?: CallOptions): Promise<void> {
	const [first] = planned;
	if (!first) return;
	const { model, method } = first.command;
	const context = { _timestamp: Object.assign({}, ...planned.map(({ before }) => timestampsOf(before.parts))) };
	const args = planned.flatMap(({ command }) =>
		method === undefined ? [[command.id], command.values] : [[command.id]]
	);
	await rpc.call(`${model}.${method ?? 'write'}`, args, options, context);
}

function replyOf<Row extends TrytonRow>(
	entity: TrytonEntity<Row>,
	{ input, before, command }: PlannedWrite<Row>,
	after: Row | undefined,
	userId: number | null
): WriteReply {
	if (!after || !isOurs(before, after, command, userId)) return unknownOutcome;
	// One step may lead to another by itself: that is for the engine to read, as what the channel made of it.
	if (command.method !== undefined && !holds(entity, after.record.fields, input.fields)) return unknownOutcome;
	const { version, stamp, fields } = after.record;
	return { version, stamp, fields };
}

/** The write is done: where it cannot be read, what it led to is for the engine to find out. */
async function readBack<Row extends TrytonRow>(
	rows: Rows<Row>,
	keys: readonly ExternalKey[],
	options?: CallOptions
): Promise<readonly Row[]> {
	try {
		return await rows.byKeys(keys, options);
	} catch (error) {
		if (error instanceof ConnectorError) return [];
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

/** What a refusal means: a code that another record has is `duplicate`. */
export async function duplicateOr(
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
