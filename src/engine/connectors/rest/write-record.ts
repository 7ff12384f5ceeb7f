import type { Fields } from '#src/sync/fields.ts';
import type { CallOptions, CreateReply, ExternalKey, ExternalRecord, WriteReply } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { encode, refusalOf } from './codec.ts';
import { putAt, valueAt } from './json-place.ts';
import { isAddressable, pathTo, readOne, type RestContext } from './read-one.ts';
import { drifted, idFrom, isTag, recordFrom, type RecordContext } from './record.ts';
import type { RestEntity } from './settings.ts';

/** Writes exactly these fields, under If-Match where the settings have a version. */
export async function updateRecord(
	context: RestContext,
	{ id, variantId, version, fields }: ExternalKey & { version: string | null; fields: Fields },
	options: CallOptions | undefined
): Promise<WriteReply> {
	const { paths, writeMethod, version: versions } = context.entity;
	if (variantId !== '' || !isAddressable(id)) throw gone(context);
	const reply = await context.call({
		method: writeMethod,
		path: pathTo(paths.update ?? paths.one, id),
		body: bodyOf(context, fields),
		...(versions.from !== 'none' && version !== null && { headers: { 'if-match': version } }),
		options
	});
	const unreported = { version: reply.etag && isTag(reply.etag) ? reply.etag : null, stamp: null, fields: null };
	if (reply.isEmpty) return unreported;
	return afterWrite(() => {
		const json = reply.json();
		if (!isWhole(context.entity, json)) return unreported;
		const record = recordFrom(json, { ...context, etag: reply.etag });
		if (record.id !== id) throw drifted(context, `written was record ${id}, it sent record ${record.id}`);
		return { version: record.version, stamp: record.stamp, fields: record.fields };
	});
}

/** Creates one record. Where the channel answers with less than the whole record, it is read once. */
export async function createRecord(
	context: RestContext,
	{ reference, fields }: { reference: string; fields: Fields },
	options: CallOptions | undefined
): Promise<CreateReply> {
	const { paths } = context.entity;
	const reply = await context.call({
		method: 'POST',
		path: paths.create ?? paths.list,
		body: bodyOf(context, fields, reference),
		options
	});
	return afterWrite(async () => {
		const json = reply.json();
		const id = idFrom(json, context);
		if (isWhole(context.entity, json))
			return ours(context, recordFrom(json, { ...context, etag: reply.etag }), reference);
		const record = await readOne(context, id, options);
		if (!record) throw drifted(context, `the new record ${id} cannot be read`);
		return { ...ours(context, record, reference), readBack: true };
	});
}

/** An answer that shows another record must not bind that one: ours is then searched for by its reference. */
function ours(context: RecordContext, record: ExternalRecord, reference: string): ExternalRecord {
	if (!context.entity.reference || record.reference === reference) return record;
	throw drifted(context, `the new record ${record.id} does not carry our reference`);
}

/** Whether an answer shows a record with all it should have, rather than only its id or "ok". */
function isWhole({ fields, id, stamp, reference }: RestEntity, json: unknown): boolean {
	const places = [id, stamp, reference?.field, ...fields.filter((each) => !each.optional).map((each) => each.field)];
	return places.every((place) => place === undefined || valueAt(json, place) !== undefined);
}

/** The write is done: whatever goes wrong from here on must not read as "nothing was sent" or "refused". */
async function afterWrite<Result>(rest: () => Result | Promise<Result>): Promise<Result> {
	try {
		return await rest();
	} catch (cause) {
		if (!(cause instanceof ConnectorError)) throw cause;
		const hint = `The channel took the write, but its answer is not usable. ${cause.hint}`;
		throw new ConnectorError('unreachable', { hint, cause });
	}
}

function bodyOf(context: RestContext, fields: Fields, reference?: string): string {
	const body: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(fields)) {
		const field = fieldNamed(context.entity, name);
		const refusal = field ? refusalOf(field, value) : `This channel has no field "${name}"`;
		if (!field || refusal !== null) throw new ConnectorError('rejected', { hint: `${refusal}. Nothing was sent.` });
		putAt(body, field.field, rawJson(encode(field, value)));
	}
	if (reference !== undefined && context.entity.reference) putAt(body, context.entity.reference.field, reference);
	return JSON.stringify(body);
}

function fieldNamed(entity: RestEntity, name: string) {
	return entity.fields.find((field) => field.name === name);
}

/** Keeps digits that a number would lose. TypeScript's library does not know the function yet. */
function rawJson(text: string): unknown {
	return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
}

function gone({ from }: RestContext): ConnectorError {
	return new ConnectorError('missing', { hint: `${from} does not have this record.` });
}
