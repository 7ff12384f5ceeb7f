import type { Fields } from '#src/sync/fields.ts';
import type { CallOptions, CreateReply, ExternalKey, ExternalRecord, WriteReply } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { RestReply } from './call.ts';
import { encode, refusalOf } from './codec.ts';
import { memberAt, putAt, valueAt } from './json-place.ts';
import { isAddressable, readOne } from './read-one.ts';
import { drifted, idFrom, isTag, recordFrom, textOf, type RecordContext } from './record.ts';
import type { FullRequest } from './request-settings.ts';
import { sendRequest, type RestContext } from './rest-context.ts';
import type { RestEntity } from './settings.ts';
import { rawJson, variablesIn } from './template.ts';

type Update = ExternalKey & { version: string | null; fields: Fields };

/** The field that requests of their own may stand for. */
const flagName = 'is_active';

/** Writes exactly these fields, under the version where the request says it. */
export async function updateRecord(
	context: RestContext,
	update: FullRequest,
	input: Update,
	options: CallOptions | undefined
): Promise<WriteReply> {
	if (input.variantId !== '' || !isAddressable(input.id)) throw gone(context);
	const { [flagName]: flag, ...others } = input.fields;
	const turn = flag === undefined ? undefined : context.entity.requests[flag === false ? 'deactivate' : 'activate'];
	if (!turn) return send(context, update, input, options);
	if (Object.keys(others).length === 0) return send(context, turn, { ...input, fields: {} }, options);
	const first = await send(context, update, { ...input, fields: others }, options);
	return afterWrite(async () => {
		const version = first.version ?? (input.version === null ? null : await versionOf(context, input.id, options));
		return send(context, turn, { ...input, version, fields: {} }, options);
	});
}

/** The version that our own write made, where its answer did not say. */
async function versionOf(context: RestContext, id: string, options: CallOptions | undefined): Promise<string | null> {
	const { get } = context.entity.requests;
	return get ? ((await readOne(context, get, id, options))?.version ?? null) : null;
}

async function send(
	context: RestContext,
	request: FullRequest,
	{ id, version, fields }: Update,
	options: CallOptions | undefined
): Promise<WriteReply> {
	const { version: versions } = context.entity;
	const guard = versions.from === 'none' ? null : (version ?? versions.unguarded ?? null);
	const reply = await sendRequest(context, request, { id, fields: bodyOf(context, fields), version: guard }, options);
	const unreported = { version: reply.etag && isTag(reply.etag) ? reply.etag : null, stamp: null, fields: null };
	if (reply.isEmpty) return unreported;
	return afterWrite(() => {
		const json = valueAt(reply.json(), request.item ?? context.entity.item);
		if (!isWhole(context.entity, json)) return unreported;
		const record = recordFrom(json, { ...context, etag: reply.etag });
		if (record.id !== id) throw drifted(context, `written was record ${id}, it sent record ${record.id}`);
		return { version: record.version, stamp: record.stamp, fields: record.fields };
	});
}

/**
 * Creates one record. Where the channel answers with less than the whole record, it is read once. The flag that requests of
 * their own stand for is not in the body: one of them follows where the new record needs it.
 */
export async function createRecord(
	context: RestContext,
	create: FullRequest,
	{ reference, fields }: { reference: string; fields: Fields },
	readBack: (id: string) => Promise<ExternalRecord | null>,
	options: CallOptions | undefined
): Promise<CreateReply> {
	const { reference: place, requests } = context.entity;
	const { [flagName]: flag, ...others } = fields;
	const stoodFor = flag !== undefined && (requests.activate ?? requests.deactivate) !== undefined;
	const body = bodyOf(context, stoodFor ? others : fields);
	if (place && !variablesIn(create).has('reference')) putAt(body, place.writeAt ?? place.at, reference);
	const reply = await sendRequest(context, create, { fields: body, reference }, options);
	return afterWrite(async () => {
		const json = valueAt(reply.json(), create.item ?? context.entity.item);
		const id = create.id === undefined ? idFrom(json, context) : idAt(context, create.id, reply);
		const again = async () => {
			const record = await readBack(id);
			if (!record) throw drifted(context, `the new record ${id} cannot be read`);
			return { ...ours(context, record, reference), readBack: true };
		};
		const made =
			create.id === undefined && isWhole(context.entity, json)
				? ours(context, recordFrom(json, { ...context, etag: reply.etag }), reference)
				: await again();
		return stoodFor ? turned(context, made, flag !== false, again, options) : made;
	});
}

/** A new record once it is active, or is not: asked for only where it came to be otherwise. */
async function turned(
	context: RestContext,
	made: CreateReply,
	isActive: boolean,
	again: () => Promise<CreateReply>,
	options: CallOptions | undefined
): Promise<CreateReply> {
	const { activate, deactivate, update } = context.entity.requests;
	const turn = isActive ? activate : deactivate;
	const request = turn ?? update;
	// One that does not say it is active, as new ones are.
	if ((made.fields[flagName] ?? true) === isActive || !request || !isAddressable(made.id)) return made;
	const fields: Fields = turn ? {} : { [flagName]: isActive };
	const { id, variantId, version } = made;
	const { fields: now, ...rest } = await send(context, request, { id, variantId, version, fields }, options);
	return now === null ? again() : { ...made, ...rest, fields: now };
}

function idAt(context: RestContext, place: string, reply: RestReply): string {
	const id = textOf(valueAt(reply.json(), place));
	if (id === undefined || id === '') throw drifted(context, `the answer to a create has no "${place}"`);
	return id;
}

/** An answer that shows another record must not bind that one: ours is then searched for by its reference. */
function ours(context: RecordContext, record: ExternalRecord, reference: string): ExternalRecord {
	if (!context.entity.reference || record.reference === reference) return record;
	throw drifted(context, `the new record ${record.id} does not carry our reference`);
}

/** Whether an answer shows a record with all it should have, rather than only its id or "ok". */
function isWhole({ fields, id, stamp, reference }: RestEntity, json: unknown): boolean {
	const needed = fields.flatMap((field) => (field.as === 'constant' || field.optional ? [] : [field.at]));
	const places = [id, ...[stamp?.at ?? []].flat(), ...(reference ? [reference.at] : []), ...needed];
	return places.every((place) => memberAt(json, place) !== undefined);
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

function bodyOf(context: RestContext, fields: Fields): Record<string, unknown> {
	const body: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(fields)) {
		const field = context.entity.fields.find((each) => each.name === name);
		const refusal = field ? refusalOf(field, value) : `This channel has no field "${name}"`;
		if (!field || field.as === 'constant' || field.as === 'lines' || refusal !== null) {
			throw new ConnectorError('rejected', { hint: `${refusal}. Nothing was sent.` });
		}
		putAt(body, field.writeAt ?? field.at, rawJson(encode(field, value)));
	}
	return body;
}

function gone({ from }: RestContext): ConnectorError {
	return new ConnectorError('missing', { hint: `${from} does not have this record.` });
}
